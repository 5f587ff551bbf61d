package io.github.expogguf.plan.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametrisationsTest {

    private static Metadata model(String architecture, String projector) {
        return new Metadata(Map.of(
                "general.architecture", MetadataValue.ofString(architecture),
                "clip.audio.projector_type", MetadataValue.ofString(projector)));
    }

    @ParameterizedTest
    @CsvSource({
        "mamba, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "mamba2, blk.63.ssm_a, NEGATIVE_EXPONENTIAL",
        "jamba, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "falcon-h1, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "granitehybrid, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "nemotron_h, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "nemotron_h_moe, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "plamo2, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "qwen3next, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "qwen35, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "qwen35moe, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "qwen4exp, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "kimi-linear, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "kimi-k3, blk.0.ssm_a, NEGATIVE_EXPONENTIAL",
        "bailingmoe3, blk.0.ssm_a, EXPONENTIAL",
        "mamba, blk.0.ssm_d, IDENTITY",
        "mamba, blk.0.ssm_dt.bias, IDENTITY",
        "mamba, blk.0.ssm_a.weight, IDENTITY",
        "mamba, mtp.blk.0.ssm_a, IDENTITY",
        "llama, blk.0.ssm_a, IDENTITY",
        "rwkv6, blk.0.time_mix_decay.weight, IDENTITY",
        "llama, blk.0.attn_q.weight, IDENTITY",
    })
    void knowsTheDecayRates(String architecture, String tensor, Parametrisation expected) {
        assertThat(Parametrisations.of(model(architecture, ""), tensor)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "gemma4a, a.blk.3.per_dim_scale.weight, SOFTPLUS",
        "gemma4a, a.blk.3.per_dim_k_scale.weight, SOFTPLUS",
        "gemma3na, a.blk.3.per_dim_scale.weight, IDENTITY", // the same name, but the converter leaves it as it is
        "qwen3tts, a.gen.wav.dac.blk.1.snake.alpha, EXPONENTIAL",
        "qwen3tts, a.gen.wav.dac.blk.1.res.2.act1.beta, EXPONENTIAL",
        "qwen3tts, a.gen.wav.dac.blk.1.res.2.act2.alpha, EXPONENTIAL",
        "qwen3tts, a.gen.wav.dac.post_snake.beta, EXPONENTIAL",
        "qwen3tts, a.gen.wav.dac.blk.1.conv.weight, IDENTITY",
    })
    void knowsTheScalesOfAudioModels(String projector, String tensor, Parametrisation expected) {
        assertThat(Parametrisations.of(model("clip", projector), tensor)).isEqualTo(expected);
    }

    @Test
    void everyKindIsInTheDocument() throws IOException {
        String document = Files.readString(Path.of("docs/architectures.md"));
        assertThat(Parametrisations.RULES).allSatisfy(rule -> {
            assertThat(rule.architectures())
                    .allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
            assertThat(document).contains("`" + rule.function().words() + "`");
        });
    }
}
