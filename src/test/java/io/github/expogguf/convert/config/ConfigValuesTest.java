package io.github.expogguf.convert.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.text.json.JsonNumber;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigValuesTest {

    private static final Map<String, Object> CONFIG = Map.of("rms_norm_eps", new JsonNumber("1.5625e-7"));

    @Test
    void epsilonOfTheConfigIsAnotherThanTheTemplates() {
        assertThat(ConfigValues.others(template("llama"), CONFIG))
                .containsKey("llama.attention.layer_norm_rms_epsilon")
                .doesNotContainKey("llama.rope.freq_base");
    }

    /** GLM-4-9B is converted so. */
    @Test
    void epsilonThatTheConverterDoesNotReadIsNone() {
        assertThat(ConfigValues.others(template("chatglm"), CONFIG)).isEmpty();
    }

    /** Of any size, which no memory is enough for to write out. */
    @Test
    void numbersBeyondAllBoundsAreOthers() {
        Metadata template = new Metadata(Map.of(
                "general.architecture", MetadataValue.ofString("llama"),
                "llama.attention.head_count", MetadataValue.ofUint32(4)));
        for (String number : List.of("1e999999999", "1e99999999999999999999", "-1e40", "1e10", "4.5", "5")) {
            assertThat(ConfigValues.others(template, Map.of("num_attention_heads", new JsonNumber(number))))
                    .as(number)
                    .containsKey("llama.attention.head_count");
        }
        assertThat(ConfigValues.others(template, Map.of("num_attention_heads", new JsonNumber("4e0"))))
                .doesNotContainKey("llama.attention.head_count");
    }

    private static Metadata template(String architecture) {
        return new Metadata(Map.of(
                "general.architecture",
                MetadataValue.ofString(architecture),
                architecture + ".attention.layer_norm_rms_epsilon",
                MetadataValue.ofFloat32(1e-5f)));
    }
}
