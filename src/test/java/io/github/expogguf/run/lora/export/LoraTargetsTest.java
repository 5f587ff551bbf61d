package io.github.expogguf.run.lora.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraTargetsTest {

    private static final Sizes SIZES = Sizes.of(1, 64, 128, 4, 2);

    private static List<String> leftOut(TinyModel model) {
        ModelHeader header = model.header("model.gguf");
        LoraTargets targets = new LoraTargets(header);
        return header.tensors().stream()
                .filter(tensor -> targets.obstacle(tensor).isPresent())
                .map(TensorInfo::name)
                .toList();
    }

    @Test
    void allMatricesOfATransformerTakePart() {
        assertThat(leftOut(TinyModels.llama(SIZES)))
                .allMatch(name -> name.contains("norm"))
                .hasSize(3);
        assertThat(leftOut(TinyModels.llama(SIZES.withExperts(2)))).allMatch(name -> name.contains("norm"));
        assertThat(leftOut(TinyModels.qwen2(SIZES))).allMatch(name -> name.contains("norm") || name.endsWith(".bias"));
        assertThat(leftOut(TinyModels.falcon(SIZES))).allMatch(name -> name.contains("norm"));
    }

    @Test
    void convolutionsAndDecayRatesDoNot() {
        assertThat(leftOut(TinyModels.mamba(SIZES)))
                .containsExactlyInAnyOrder(
                        "output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ssm_conv1d.weight", "blk.0.ssm_a");
    }

    @Test
    void embeddingsDoUnlessTheyAreTheOutput() {
        assertThat(leftOut(TinyModels.llama(SIZES))).doesNotContain("token_embd.weight");
        assertThat(leftOut(TinyModels.llama(SIZES.withTiedEmbeddings()))).contains("token_embd.weight");
    }

    @Test
    void embeddingsOfModelsWithoutAnyOutputDo() {
        for (String architecture : List.of("bert", "t5encoder", "gemma-embedding")) {
            assertThat(leftOut(TinyModels.bert(SIZES.withTiedEmbeddings())
                            .with("general.architecture", MetadataValue.ofString(architecture))))
                    .doesNotContain("token_embd.weight");
        }
    }

    @Test
    void encodersAndDecodersTakePartWithAllThatTheyMultiplyWith() {
        TinyModel t5 = TinyModels.t5(SIZES);
        assertThat(leftOut(t5)).allMatch(name -> name.endsWith("norm.weight") || name.endsWith("attn_rel_b.weight"));
        assertThat(t5.tensors()).hasSize(2 + 2 + 2 + 2 * 2 + 3 * 5 + 2 * 3 - 2);
    }

    @Test
    void expertsOfKimiK3Do() {
        TinyModel model =
                TinyModels.llama(SIZES.withExperts(2)).with("general.architecture", MetadataValue.ofString("kimi-k3"));
        assertThat(leftOut(model)).noneMatch(name -> name.contains("exps")).contains("blk.0.ffn_gate_inp.weight");
    }

    @Test
    void matricesWithAScaleOfTheirOwnDoNot() {
        TinyModel model = TinyModels.llama(SIZES).with("blk.0.ffn_down.scale", GgmlType.F32, 1);
        assertThat(leftOut(model)).contains("blk.0.ffn_down.weight").doesNotContain("blk.0.ffn_up.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "deepseek2, blk.0.attn_q.weight, false",
        "deepseek2, blk.0.attn_output.weight, true",
        "deepseek2, output.weight, false",
        "llama, output.weight, true",
        "llama, blk.0.attn_q.weight, true",
        "llama, blk.0.attn_kv_b.weight, false",
        "kimi-k3, blk.0.ffn_up.weight, false",
        "deepseek2-ocr, output.weight, false",
        "mistral4, output.weight, false",
        "hy_v4, blk.0.attn_gate.weight, false",
        "qwen3next, blk.0.attn_gate.weight, true",
        "gemma4, blk.0.inp_gate.weight, true",
        "gemma4, blk.0.proj.weight, true",
        "gemma3n, blk.0.laurel_l.weight, true",
        "gemma3n, altup_proj.weight, false",
        "deepseek4, blk.0.attn_q_a.weight, true",
        "deepseek32, blk.0.attn_q_a.weight, false",
        "qwen35, blk.1.nextn.eh_proj.weight, true",
        "bailingmoe3, blk.1.nextn.eh_proj.weight, false",
        "wavtokenizer-dec, convnext.0.pw1.weight, true",
        "eagle3, fc.weight, true",
        "llama, position_embd.weight, false",
        "t5, enc.blk.0.attn_o.weight, true",
        "t5, dec.blk.1.cross_attn_k.weight, true",
        "t5, enc.blk.0.ffn_gate.weight, true",
        "t5, dec.blk.0.attn_rel_b.weight, false",
        "llama, blk.0.attn_o.weight, false",
        "kimi-linear, blk.0.ffn_up.weight, true",
        "plm, blk.0.attn_q.weight, false",
        "llama, v.blk.0.attn_q.weight, false",
    })
    void architecturesThatMultiplyByThemselvesAreKnown(String architecture, String name, boolean takesPart) {
        TinyModel model = TinyModels.llama(SIZES).with("general.architecture", MetadataValue.ofString(architecture));
        TensorInfo tensor = new TensorInfo(name, GgmlType.F16, new Shape(64, 64), 0);
        Optional<String> obstacle = new LoraTargets(model.header("model.gguf")).obstacle(tensor);
        assertThat(obstacle.isEmpty()).isEqualTo(takesPart);
    }
}
