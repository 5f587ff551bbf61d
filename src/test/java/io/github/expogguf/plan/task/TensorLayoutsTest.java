package io.github.expogguf.plan.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.testing.Layouts;
import io.github.expogguf.testing.LoraFiles;
import io.github.expogguf.testing.TinyModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorLayoutsTest {

    private static final Layouts.Pair ATTENTION = Layouts.attention();
    private static final Layouts.Pair LATENT = Layouts.latentAttention();

    private static List<String> differences(TinyModel sft, TinyModel aligned) {
        return Pairing.differences(sft.header("sft.gguf"), aligned.header("aligned.gguf"));
    }

    private static TinyModel reshaped(TinyModel model, String name, long... dimensions) {
        return model.mapTensors(tensor ->
                tensor.name().equals(name) ? new TensorSpec(name, tensor.type(), new Shape(dimensions)) : tensor);
    }

    private static TinyModel retyped(TinyModel model, String name, GgmlType type) {
        return model.mapTensors(tensor -> tensor.name().equals(name) ? tensor.withType(type) : tensor);
    }

    @Test
    void layoutsThatGoTogetherAreNoDifference() {
        for (Layouts.Pair pair : List.of(
                ATTENTION,
                LATENT,
                Layouts.experts(),
                Layouts.gated(),
                Layouts.singleExperts(),
                Layouts.mixing(),
                Layouts.linearAttention(),
                Layouts.latentAttentionWithExperts())) {
            assertThat(differences(pair.apart(), pair.joined())).isEmpty();
            assertThat(differences(pair.joined(), pair.apart())).isEmpty();
        }
    }

    @Test
    void weightsMayBeJoinedAndBiasesApart() {
        TinyModel mixed = ATTENTION.joined().select(name -> !name.equals("blk.0.attn_qkv.bias"));
        for (String part : List.of("q", "k", "v")) {
            mixed = mixed.with("blk.0.attn_" + part + ".bias", GgmlType.F32, part.equals("q") ? 256 : 128);
        }
        assertThat(differences(mixed, ATTENTION.joined())).isEmpty();
        assertThat(differences(ATTENTION.apart(), mixed)).isEmpty();
    }

    @Test
    void aBlockMayBeJoinedAndAnotherApart() {
        TinyModel first = ATTENTION.joined().select(name -> !name.matches("blk\\.1\\.attn_qkv.*"));
        for (TensorSpec tensor : ATTENTION.apart().tensors()) {
            if (tensor.name().matches("blk\\.1\\.attn_[qkv]\\..*")) {
                first = first.with(tensor.name(), tensor.type(), tensor.shape().dimensions());
            }
        }
        assertThat(differences(first, ATTENTION.apart())).isEmpty();
        assertThat(differences(first, ATTENTION.joined())).isEmpty();
    }

    @Test
    void encodersOfImagesHaveTheSameLayouts() {
        TinyModel apart = inEncoder(ATTENTION.apart());
        TinyModel joined = inEncoder(ATTENTION.joined());
        assertThat(differences(apart, joined)).isEmpty();
        assertThat(differences(joined, apart)).isEmpty();
    }

    private static TinyModel inEncoder(TinyModel model) {
        return model.mapTensors(
                tensor -> new TensorSpec(tensor.name().replaceFirst("^blk", "v.blk"), tensor.type(), tensor.shape()));
    }

    @Test
    void shapesThatDoNotAddUpAreSaid() {
        TinyModel wider = reshaped(ATTENTION.joined(), "blk.0.attn_qkv.weight", 256, 513);
        assertThat(differences(ATTENTION.apart(), wider))
                .containsExactly("another layout: blk.0.attn_qkv.weight (F32 256x513) of the aligned model is"
                        + " blk.0.attn_q.weight (F32 256x256), blk.0.attn_k.weight (F32 256x128),"
                        + " blk.0.attn_v.weight (F32 256x128) in the SFT model, but their shapes do not fit together");
        assertThat(differences(wider, ATTENTION.apart()))
                .singleElement()
                .asString()
                .startsWith("another layout: blk.0.attn_qkv.weight (F32 256x513) of the SFT model is");
        TinyModel longer = reshaped(LATENT.joined(), "blk.1.attn_kv_b.weight", 256, 4 * 160 + 4);
        assertThat(differences(longer, LATENT.apart()))
                .singleElement()
                .asString()
                .contains("do not fit together");
    }

    @Test
    void aMissingPartIsSaid() {
        TinyModel without = ATTENTION.apart().select(name -> !name.matches(".*attn_v\\.bias"));
        assertThat(differences(without, ATTENTION.joined()))
                .singleElement()
                .asString()
                .startsWith("another layout: blk.0.attn_qkv.bias (F32 512) of the aligned model is")
                .endsWith("in the SFT model, but the SFT model has no blk.0.attn_v.bias; the same with 1 more");
    }

    @Test
    void integersAndQuantizedBiasesAreSaid() {
        assertThat(differences(retyped(ATTENTION.apart(), "blk.0.attn_k.weight", GgmlType.I8), ATTENTION.joined()))
                .singleElement()
                .asString()
                .endsWith("but integers cannot be extrapolated");
        assertThat(differences(ATTENTION.apart(), retyped(ATTENTION.joined(), "blk.0.attn_qkv.bias", GgmlType.Q8_0)))
                .singleElement()
                .asString()
                .endsWith("but a quantized bias cannot be cut");
    }

    @Test
    void aMatrixTooLargeToTransposeIsSaid() {
        TinyModel base = ATTENTION.apart();
        TinyModel apart = base.with("blk.0.attn_k_b.weight", GgmlType.F32, 2048, 1024)
                .with("blk.0.attn_v_b.weight", GgmlType.F32, 1024, 64);
        TinyModel joined = base.with("blk.0.attn_kv_b.weight", GgmlType.F32, 1024, 2048 + 64);
        assertThat(differences(apart, joined))
                .singleElement()
                .asString()
                .endsWith("but a matrix of more than 1048576 elements is not transposed");
    }

    @Test
    void otherTensorsAreDifferencesAsBefore() {
        assertThat(differences(ATTENTION.apart().select(name -> !name.contains("attn_q")), ATTENTION.apart()))
                .containsExactly("4 tensors only in the aligned model: blk.0.attn_q.weight, blk.0.attn_q.bias,"
                        + " blk.1.attn_q.weight and 1 more");
        TinyModel both = ATTENTION.joined().with("blk.0.attn_q.weight", GgmlType.F32, 256, 256);
        assertThat(differences(ATTENTION.apart(), both))
                .containsExactly(
                        "2 tensors only in the SFT model: blk.0.attn_k.weight, blk.0.attn_v.weight",
                        "1 tensor only in the aligned model: blk.0.attn_qkv.weight");
    }

    @Test
    void lengthsOfLatentHeadsFollowFromTheLayout() {
        String prefix = "deepseek2.attention.";
        TinyModel asNew = LATENT.joined() // as a program writes it that keeps all keys
                .with(prefix + "key_length", MetadataValue.ofUint32(288))
                .with(prefix + "value_length", MetadataValue.ofUint32(256))
                .with(prefix + "head_count_kv", MetadataValue.ofUint32(1));
        assertThat(differences(asNew, LATENT.apart())).isEmpty();
        TinyModel perLayer = LATENT.joined().with(prefix + "head_count_kv", MetadataValue.ofInt32s(0, 4));
        assertThat(differences(perLayer, LATENT.apart())).isEmpty();
        TinyModel longer = LATENT.joined().with(prefix + "value_length", MetadataValue.ofUint32(97));
        assertThat(differences(longer, LATENT.apart()))
                .containsExactly(prefix + "value_length: the SFT model has 97, the aligned model has 256");
        TinyModel fewer = LATENT.joined().with(prefix + "head_count_kv", MetadataValue.ofUint32(2));
        assertThat(differences(fewer, LATENT.apart()))
                .containsExactly(prefix + "head_count_kv: the SFT model has 2, the aligned model has 1");
        TinyModel other = LATENT.apart().with(prefix + "key_length_mla", MetadataValue.ofUint32(97));
        assertThat(differences(LATENT.joined(), other))
                .containsExactly(
                        prefix + "key_length_mla: the SFT model has nothing, which means 0, the aligned model has 97");
    }

    @Test
    void lengthsAreComparedWhereTheLayoutIsTheSame() {
        TinyModel other = LATENT.apart().with("deepseek2.attention.key_length", MetadataValue.ofUint32(96));
        assertThat(differences(other, LATENT.apart()))
                .containsExactly("deepseek2.attention.key_length: the SFT model has 96, the aligned model has 288");
    }

    @Test
    void anAdapterForAnotherLayoutIsSaid() {
        TinyModel adapter = LoraFiles.adapter(ATTENTION.apart(), 4, 8, GgmlType.F32, "blk.0.attn_q.weight");
        assertThatThrownBy(() -> LoraAdapter.changes(
                        2, adapter.header("lora.gguf"), 1, ATTENTION.joined().header("model.gguf")))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining(
                        "tensor 'blk.0.attn_q.weight' is not in the model, which has"
                                + " 'blk.0.attn_qkv.weight': the layout is the difference; convert the model anew in the adapter's layout");
        TinyModel joined = LoraFiles.adapter(ATTENTION.joined(), 4, 8, GgmlType.F32, "blk.0.attn_qkv.weight");
        assertThatThrownBy(() -> LoraAdapter.changes(
                        2, joined.header("lora.gguf"), 1, ATTENTION.apart().header("model.gguf")))
                .hasMessageContaining("which has 'blk.0.attn_q.weight', 'blk.0.attn_k.weight', 'blk.0.attn_v.weight':");
    }
}
