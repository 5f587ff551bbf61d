package io.github.expogguf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.testing.Vocabularies;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairingTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(4, 64, 128, 4, 2));

    @Test
    void acceptsModelsThatDifferInTypesNamesTemplatesAndOrder() {
        List<TensorSpec> reversed = new ArrayList<>(MODEL.tensors());
        Collections.reverse(reversed);
        TinyModel other = new TinyModel(MODEL.metadata(), reversed)
                .withMatrices(GgmlType.Q8_0)
                .with("general.name", MetadataValue.ofString("another"))
                .with("general.file_type", MetadataValue.ofUint32(7))
                .with("tokenizer.chat_template", MetadataValue.ofString("{{ x }}"))
                .with("tokenizer.ggml.padding_token_id", MetadataValue.ofUint32(2))
                .with("tokenizer.ggml.pre", MetadataValue.ofString("default"))
                .with("llama.context_length", MetadataValue.ofUint32(4096))
                .with("llama.vocab_size", MetadataValue.ofUint32(320));
        assertThat(differences(MODEL, other)).isEmpty();
        assertThat(differences(other, MODEL)).isEmpty();
    }

    @Test
    void takesDefaultsOfLlamaCppForHyperParametersThatOneFileDoesNotState() {
        TinyModel explicit = MODEL.with("llama.rope.freq_base", MetadataValue.ofFloat32(10000))
                .with("llama.rope.dimension_count", MetadataValue.ofUint32(16))
                .with("llama.attention.key_length", MetadataValue.ofUint32(16))
                .with("llama.rope.scaling.type", MetadataValue.ofString("linear"))
                .with("llama.expert_count", MetadataValue.ofUint32(0));
        assertThat(differences(MODEL, explicit)).isEmpty();
        assertThat(differences(MODEL.with("llama.rope.freq_base", MetadataValue.ofFloat32(500000)), MODEL))
                .containsExactly("llama.rope.freq_base: 500000 and 10000");
        assertThat(differences(MODEL, MODEL.with("llama.logit_scale", MetadataValue.ofFloat32(2))))
                .containsExactly("llama.logit_scale: missing and 2");
    }

    @Test
    void comparesNumbersOfAnyWidthAndArraysOfEqualNumbers() {
        TinyModel wide = MODEL.with("llama.block_count", MetadataValue.ofInteger(MetadataType.UINT64, 4))
                .with("llama.attention.head_count_kv", MetadataValue.ofInt32s(2, 2, 2, 2));
        assertThat(differences(MODEL, wide)).isEmpty();
        assertThat(differences(MODEL, MODEL.with("llama.attention.head_count_kv", MetadataValue.ofInt32s(2, 2, 2, 1))))
                .containsExactly("llama.attention.head_count_kv: 2 and [2, 2, 2, 1]");
    }

    @Test
    void listsEveryDifferenceInOneMessageGroupedAndCounted() {
        TinyModel other = MODEL.select(name -> !name.contains("ffn_up"))
                .mapTensors(tensor -> tensor.name().equals("token_embd.weight")
                        ? new TensorSpec(tensor.name(), tensor.type(), new Shape(64, 322))
                        : tensor)
                .mapTensors(tensor ->
                        tensor.name().equals("output_norm.weight") ? tensor.withType(GgmlType.I32) : tensor)
                .with("rope_freqs.weight", GgmlType.F32, 8)
                .with("llama.feed_forward_length", MetadataValue.ofUint32(130))
                .with("tokenizer.ggml.bos_token_id", MetadataValue.ofUint32(7));
        assertThatThrownBy(() -> Pairing.check(MODEL.header("sft.gguf"), other.header("dpo.gguf")))
                .isInstanceOfSatisfying(ModelMismatchException.class, mismatch -> assertThat(mismatch.differences())
                        .hasSize(6))
                .hasMessage("""
                        sft.gguf and dpo.gguf are not a pair:
                          llama.feed_forward_length: 128 and 130
                          tokenizer.ggml.bos_token_id: '1' and '7'
                          4 tensors only in the SFT model: blk.0.ffn_up.weight, blk.1.ffn_up.weight, \
                        blk.2.ffn_up.weight and 1 more
                          1 tensor only in the aligned model: rope_freqs.weight
                          1 tensor of different shapes: token_embd.weight (64x320 and 64x322)
                          1 tensor with integers in one model only: output_norm.weight (F32 and I32)""");
    }

    @Test
    void saysOnlyOnceThatTheArchitecturesDiffer() {
        TinyModel qwen = TinyModels.qwen2(Sizes.of(4, 64, 128, 4, 2)).select(name -> !name.endsWith(".bias"));
        assertThat(differences(MODEL, qwen))
                .containsExactly("architecture: 'llama' in the SFT model, 'qwen2' in the aligned model");
    }

    @Test
    void acceptsVocabulariesThatShareHalfOfTheTokensOrMore() {
        TinyModel half = Vocabularies.withTokens(
                MODEL, Vocabularies.numbered(160, "other", Vocabularies.tokens(MODEL).subList(0, 160)));
        assertThat(differences(MODEL, half)).isEmpty();
        TinyModel fewer = Vocabularies.withTokens(
                MODEL, Vocabularies.numbered(161, "other", Vocabularies.tokens(MODEL).subList(0, 159)));
        assertThat(differences(MODEL, fewer))
                .containsExactly("tokenizer.ggml.tokens: 159 of 320 tokens of the aligned model are in the SFT model"
                        + " (which has 320), too few to match their rows by text; half are needed");
        assertThat(differences(MODEL, half.with("tokenizer.ggml.model", MetadataValue.ofString("gpt2"))))
                .containsExactly("tokenizer.ggml.model: 'llama' and 'gpt2'");
    }

    @Test
    void acceptsAnOutputThatOneModelAloneTiesToItsEmbeddings() {
        TinyModel tied = MODEL.select(name -> !name.equals("output.weight"));
        assertThat(differences(MODEL, tied)).isEmpty();
        assertThat(differences(tied, MODEL)).isEmpty();
        assertThat(differences(tied.select(name -> !name.equals("token_embd.weight")), MODEL))
                .containsExactly("2 tensors only in the aligned model: token_embd.weight, output.weight");
    }

    @Test
    void saysWhatElseOfTheTokenizersDiffers() {
        assertThat(differences(MODEL.without("tokenizer.ggml.tokens"), MODEL))
                .containsExactly("tokenizer.ggml.tokens: only in the aligned model");
        assertThat(differences(MODEL, MODEL.with("tokenizer.ggml.model", MetadataValue.ofString("gpt2"))))
                .containsExactly("tokenizer.ggml.model: 'llama' and 'gpt2'");
        assertThat(differences(MODEL, MODEL.with("tokenizer.ggml.scores", MetadataValue.ofFloat32s(new float[320]))))
                .containsExactly("tokenizer.ggml.scores: 319 of 320 entries differ; number 1 is '-1.0' and '0.0'");
    }

    private static List<String> differences(TinyModel sft, TinyModel aligned) {
        return Pairing.differences(sft.header("sft.gguf"), aligned.header("aligned.gguf"));
    }
}
