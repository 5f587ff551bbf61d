package io.github.expogguf.plan.pair;

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
import java.util.Set;
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
                .containsExactly(
                        "llama.rope.freq_base: the SFT model has 500000, the aligned model has nothing, which means 10000");
        assertThat(differences(MODEL.with("llama.expert_count", MetadataValue.ofUint32(32)), MODEL))
                .containsExactly(
                        "llama.expert_count: the SFT model has 32, the aligned model has nothing, which means 0");
        assertThat(differences(MODEL.without("llama.attention.layer_norm_rms_epsilon"), MODEL))
                .containsExactly(
                        "llama.attention.layer_norm_rms_epsilon: the SFT model has nothing, the aligned model has"
                                + " 9.999999747378752E-6");
    }

    @Test
    void comparesNumbersOfAnyWidthAndArraysOfEqualNumbers() {
        TinyModel wide = MODEL.with("llama.block_count", MetadataValue.ofInteger(MetadataType.UINT64, 4))
                .with("llama.attention.head_count_kv", MetadataValue.ofInt32s(2, 2, 2, 2));
        assertThat(differences(MODEL, wide)).isEmpty();
        assertThat(differences(MODEL, MODEL.with("llama.attention.head_count_kv", MetadataValue.ofInt32s(2, 2, 2, 1))))
                .containsExactly(
                        "llama.attention.head_count_kv: the SFT model has 2, the aligned model has" + " [2, 2, 2, 1]");
    }

    @Test
    void listsEveryDifferenceInOneMessageGroupedAndCounted() {
        TinyModel other = MODEL.select(name -> !name.contains("ffn_up"))
                .mapTensors(tensor -> tensor.name().equals("token_embd.weight")
                        ? new TensorSpec(tensor.name(), tensor.type(), new Shape(64, 322))
                        : tensor)
                .mapTensors(
                        tensor -> tensor.name().equals("output_norm.weight") ? tensor.withType(GgmlType.I32) : tensor)
                .with("rope_freqs.weight", GgmlType.F32, 8)
                .with("llama.feed_forward_length", MetadataValue.ofUint32(130))
                .with("tokenizer.ggml.bos_token_id", MetadataValue.ofUint32(7));
        assertThatThrownBy(() -> Pairing.check(MODEL.header("sft.gguf"), other.header("dpo.gguf")))
                .isInstanceOfSatisfying(
                        ModelMismatchException.class,
                        mismatch -> assertThat(mismatch.differences())
                                .hasSize(5)
                                .satisfies(_ -> assertThat(mismatch.keys()).isEmpty()))
                .hasMessage("""
                        sft.gguf and dpo.gguf are not a pair:
                          llama.feed_forward_length: the SFT model has 128, the aligned model has 130
                          tokenizer.ggml.bos_token_id: '1' in the SFT model, '7' in the aligned model
                          4 tensors only in the SFT model: blk.0.ffn_up.weight, blk.1.ffn_up.weight, \
                        blk.2.ffn_up.weight and 1 more
                          1 tensor of different shapes: token_embd.weight (64x320 in the SFT model, 64x322 in the aligned model)
                          1 tensor with integers in one model only: output_norm.weight (F32 in the SFT model, I32 in the aligned model)""");
    }

    @Test
    void aKeyThatLlamaCppDoesNotReadIsANote() {
        TinyModel other = MODEL.with("llama.logit_scale", MetadataValue.ofFloat32(2))
                .with("llama.new_key", MetadataValue.ofString("x"));
        assertThat(differences(MODEL, other)).isEmpty();
        assertThat(notes(MODEL, other, Set.of()))
                .containsExactly(
                        "llama.logit_scale, llama.new_key differ, but llama.cpp computes nothing from it for this"
                                + " architecture; the result has the aligned model's");
        assertThat(notes(MODEL, MODEL.with("llama.logit_scale", MetadataValue.ofFloat32(0)), Set.of()))
                .isEmpty();
    }

    @Test
    void everyKeyOfAnArchitectureThatLlamaCppDoesNotKnowMatters() {
        TinyModel unknown = MODEL.with("general.architecture", MetadataValue.ofString("novel"))
                .with("novel.block_count", MetadataValue.ofUint32(4));
        TinyModel other = unknown.with("novel.width", MetadataValue.ofUint32(7));
        assertThat(differences(unknown, other))
                .containsExactly("novel.width: the SFT model has nothing, the aligned model has 7");
        assertThat(Pairing.differences(unknown.header("a"), other.header("b"), Set.of("novel.width")))
                .isEmpty();
    }

    @Test
    void anAcceptedDifferenceIsANoteAndEverythingElseStaysWhatItIs() {
        TinyModel other = MODEL.with("llama.rope.freq_base", MetadataValue.ofFloat32(500000))
                .with("llama.expert_used_count", MetadataValue.ofUint32(2));
        Set<String> accepted = Set.of("llama.rope.freq_base");
        assertThat(Pairing.differences(MODEL.header("a"), other.header("b"), accepted))
                .containsExactly(
                        "llama.expert_used_count: the SFT model has nothing, which means 0, the aligned model has 2");
        assertThat(notes(MODEL, other, accepted))
                .containsExactly(
                        "llama.rope.freq_base: the SFT model has nothing, which means 10000, the aligned model has"
                                + " 500000; accepted, the result has the aligned model's");
        assertThat(notes(MODEL, MODEL, accepted))
                .containsExactly("llama.rope.freq_base: a difference was accepted, but there is none");
        assertThatThrownBy(() -> Pairing.check(MODEL.header("a.gguf"), other.header("b.gguf")))
                .isInstanceOfSatisfying(
                        ModelMismatchException.class,
                        mismatch -> assertThat(mismatch.keys())
                                .containsExactly("llama.expert_used_count", "llama.rope.freq_base"));
    }

    @Test
    void constantsNeedNoCounterpart() {
        TinyModel other = MODEL.with("rope_freqs.weight", GgmlType.F32, 8);
        assertThat(differences(MODEL, other)).isEmpty();
        assertThat(notes(MODEL, other, Set.of()))
                .containsExactly("rope_freqs.weight: only in the aligned model, computed from the configuration and not"
                        + " trained; the result has the aligned model's");
        assertThat(differences(other, MODEL)).isEmpty();
        assertThat(notes(other, MODEL, Set.of()))
                .containsExactly("rope_freqs.weight: only in the SFT model, computed from the configuration and not"
                        + " trained; the result is without, as the aligned model is");
        TinyModel factors = MODEL.with("rope_factors_long.weight", GgmlType.F32, 8)
                .with("rope_factors_short.weight", GgmlType.F32, 8)
                .with("blk.0.attn_rot_embd.weight", GgmlType.F32, 8);
        assertThat(differences(factors, other)).isEmpty();
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
                MODEL,
                Vocabularies.numbered(160, "other", Vocabularies.tokens(MODEL).subList(0, 160)));
        assertThat(differences(MODEL, half)).isEmpty();
        TinyModel fewer = Vocabularies.withTokens(
                MODEL,
                Vocabularies.numbered(161, "other", Vocabularies.tokens(MODEL).subList(0, 159)));
        assertThat(differences(MODEL, fewer))
                .containsExactly("tokenizer.ggml.tokens: 159 of 320 tokens of the aligned model are in the SFT model"
                        + " (which has 320), too few to match their rows by text; half are needed");
        assertThat(differences(MODEL, half.with("tokenizer.ggml.model", MetadataValue.ofString("gpt2"))))
                .containsExactly("tokenizer.ggml.model: 'llama' in the SFT model, 'gpt2' in the aligned model");
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
                .containsExactly("tokenizer.ggml.model: 'llama' in the SFT model, 'gpt2' in the aligned model");
        assertThat(differences(MODEL, MODEL.with("tokenizer.ggml.scores", MetadataValue.ofFloat32s(new float[320]))))
                .containsExactly(
                        "tokenizer.ggml.scores: 319 of 320 entries differ; number 1 is '-1.0' in the SFT model, '0.0' in the aligned model");
    }

    private static List<String> differences(TinyModel sft, TinyModel aligned) {
        return Pairing.differences(sft.header("sft.gguf"), aligned.header("aligned.gguf"));
    }

    private static List<String> notes(TinyModel sft, TinyModel aligned, Set<String> accepted) {
        return Pairing.notes(sft.header("sft.gguf"), aligned.header("aligned.gguf"), accepted);
    }
}
