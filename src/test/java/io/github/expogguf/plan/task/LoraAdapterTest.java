package io.github.expogguf.plan.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.testing.LoraFiles;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoraAdapterTest {

    private static final TinyModel BASE = TinyModels.llama(Sizes.of(1, 64, 128, 4, 2));
    private static final TinyModel ADAPTER =
            LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "blk.0.attn_q.weight", "token_embd.weight");

    private static Map<String, AdapterChange> changes(TinyModel adapter, float weight) {
        return changes(adapter, weight, BASE);
    }

    private static Map<String, AdapterChange> changes(TinyModel adapter, float weight, TinyModel base) {
        return LoraAdapter.changes(2, adapter.header("lora.gguf"), weight, base.header("base.gguf"));
    }

    private static void assertRefused(TinyModel adapter, String... problems) {
        assertThatThrownBy(() -> changes(adapter, 1))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessage("lora.gguf is no LoRA adapter for base.gguf:\n  " + String.join("\n  ", problems));
    }

    @Test
    void flipsTheFactorsOfTokenEmbeddings() {
        Map<String, AdapterChange> changes = changes(ADAPTER, 0.5f);

        assertThat(changes).containsOnlyKeys("blk.0.attn_q.weight", "token_embd.weight");
        assertThat(changes.get("blk.0.attn_q.weight")).isInstanceOfSatisfying(LowRank.class, product -> {
            assertThat(product.left().name()).isEqualTo("blk.0.attn_q.weight.lora_b");
            assertThat(product.isTransposed()).isFalse();
            assertThat(product.scale()).isEqualTo(1);
        });
        assertThat(changes.get("token_embd.weight")).isInstanceOfSatisfying(LowRank.class, product -> {
            assertThat(product.left().name()).isEqualTo("token_embd.weight.lora_a");
            assertThat(product.isTransposed()).isTrue();
            assertThat(product.scale()).isEqualTo(1);
        });
    }

    @Test
    void anAlphaOfZeroOrNoneLeavesTheWeight() {
        for (TinyModel adapter : List.of(
                ADAPTER.without("adapter.lora.alpha"),
                ADAPTER.with("adapter.lora.alpha", MetadataValue.ofFloat32(0)))) {
            assertThat(changes(adapter, 0.3f).values())
                    .hasSize(2)
                    .allSatisfy(change -> assertThat(((LowRank) change).scale()).isEqualTo(0.3f));
        }
    }

    @Test
    void takesWholeTensorsWithTheWeightOfTheAdapterAlone() {
        TinyModel whole = ADAPTER.with("blk.0.attn_norm.weight", GgmlType.F16, 64)
                .with("blk.0.attn_k.weight", GgmlType.Q8_0, 64, 32);

        Map<String, AdapterChange> changes = changes(whole, 0.5f);

        assertThat(changes).hasSize(4);
        for (String name : List.of("blk.0.attn_norm.weight", "blk.0.attn_k.weight")) {
            assertThat(changes.get(name)).isInstanceOfSatisfying(WholeTensor.class, change -> {
                assertThat(change.weight()).isEqualTo(0.5f);
                assertThat(change.tensor().name()).isEqualTo(name);
            });
        }
        assertThat(changes(whole.select(name -> name.endsWith("_norm.weight")), 1))
                .hasSize(1);
    }

    @Test
    void refusesWholeTensorsThatDoNotFit() {
        assertRefused(
                ADAPTER.with("blk.0.attn_norm.weight", GgmlType.F32, 65),
                "tensor 'blk.0.attn_norm.weight' is F32 65, in the model F32 64");
        assertRefused(
                ADAPTER.with("blk.7.attn_norm.weight", GgmlType.F32, 64),
                "tensor 'blk.7.attn_norm.weight' is neither .lora_a nor .lora_b nor a tensor of the model");
        assertRefused(
                ADAPTER.with("blk.0.attn_q.weight", GgmlType.F32, 64, 64),
                "tensor 'blk.0.attn_q.weight' is there as a whole and in factors");
        assertRefused(
                ADAPTER.with("blk.0.attn_norm.weight", GgmlType.I32, 64),
                "tensor 'blk.0.attn_norm.weight' is I32 64, in the model F32 64");
        assertThatThrownBy(() -> changes(ADAPTER.with("blk.0.attn_norm.weight", GgmlType.F64, 64), 1))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("is of type F64");
    }

    @Test
    void wholeTensorsThatFollowFromTheirParametersInACurveTakeNoWeight() {
        TinyModel mamba = new TinyModel(
                new Metadata(Map.of("general.architecture", MetadataValue.ofString("mamba"))),
                List.of(new TensorSpec("blk.0.ssm_a", GgmlType.F32, new Shape(4, 8))));
        TinyModel adapter = LoraFiles.adapter(mamba, 4, 8, GgmlType.F32).with("blk.0.ssm_a", GgmlType.F32, 4, 8);

        assertThat(changes(adapter, 1, mamba)).hasSize(1);
        assertThatThrownBy(() -> changes(adapter, 0.5f, mamba))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining(
                        "tensor 'blk.0.ssm_a' is stored as -exp(p) and can be taken as a whole only, with a weight of 1, not 0.5");
    }

    @Test
    void refusesWhatIsNoAdapterForTheModel() {
        assertRefused(BASE, "general.type is 'model', expected 'adapter'", "adapter.type is '', expected 'lora'");
        assertRefused(
                ADAPTER.with("general.architecture", MetadataValue.ofString("qwen2")),
                "general.architecture is 'qwen2', expected 'llama'");
        assertRefused(
                ADAPTER.with("adapter.type", MetadataValue.ofString("control_vector")),
                "adapter.type is 'control_vector', expected 'lora'");
        assertRefused(
                ADAPTER.with("general.type", MetadataValue.ofString("model"))
                        .with("adapter.lora.alpha", MetadataValue.ofUint32(8)),
                "general.type is 'model', expected 'adapter'",
                "adapter.lora.alpha is of type UINT32, expected FLOAT32");
        assertRefused(
                ADAPTER.with("adapter.lora.alpha", MetadataValue.ofFloat32(Float.NaN)),
                "adapter.lora.alpha is NaN, expected a finite number");
        assertRefused(ADAPTER.select(_ -> false), "it changes no tensor");
    }

    @Test
    void refusesHalvesStrangersAndShapesThatDoNotMultiply() {
        assertRefused(
                ADAPTER.select(name -> !name.equals("blk.0.attn_q.weight.lora_b")),
                "tensor 'blk.0.attn_q.weight' has no .lora_b");
        assertRefused(
                ADAPTER.select(name -> !name.equals("blk.0.attn_q.weight.lora_a")),
                "tensor 'blk.0.attn_q.weight' has no .lora_a");
        assertRefused(
                ADAPTER.with("other", GgmlType.F32, 4),
                "tensor 'other' is neither .lora_a nor .lora_b nor a tensor of the model");
        assertRefused(
                ADAPTER.with("x.lora_a", GgmlType.F32, 4).with("x.lora_b", GgmlType.F32, 4),
                "tensor 'x' is not in the model");
        assertRefused(
                reshaped("blk.0.attn_q.weight.lora_a", 64, 5),
                "tensor 'blk.0.attn_q.weight': .lora_a 64x5 and .lora_b 4x64 do not multiply to F32 64x64");
        assertRefused(
                reshaped("blk.0.attn_q.weight.lora_b", 4, 65),
                "tensor 'blk.0.attn_q.weight': .lora_a 64x4 and .lora_b 4x65 do not multiply to F32 64x64");
        assertRefused(
                reshaped("token_embd.weight.lora_b", 4, 63),
                "tensor 'token_embd.weight': .lora_a 4x320 and .lora_b 4x63 do not multiply to F32 64x320");
        assertRefused(
                reshaped("blk.0.attn_q.weight.lora_b", 4, 64, 2),
                "tensor 'blk.0.attn_q.weight': .lora_a 64x4 and .lora_b 4x64x2 do not multiply to F32 64x64");
    }

    private static TinyModel reshaped(String name, long... dimensions) {
        return ADAPTER.mapTensors(tensor ->
                tensor.name().equals(name) ? new TensorSpec(name, tensor.type(), new Shape(dimensions)) : tensor);
    }

    @Test
    void refusesAdaptersThatTokensActivateAndFactorsThatAreNoNumbers() {
        assertThatThrownBy(
                        () -> changes(ADAPTER.with("adapter.alora.invocation_tokens", MetadataValue.ofInt32s(1, 2)), 1))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("lora.gguf: the adapter is active after its invocation tokens only");
        assertThatThrownBy(() -> changes(ADAPTER.mapTensors(tensor -> tensor.withType(GgmlType.I32)), 1))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("is of type I32");
    }

    @Test
    void refusesRanksThatNoMemoryHolds() {
        TinyModel huge = LoraFiles.adapter(BASE, 16385, 8, GgmlType.F32, "blk.0.attn_q.weight");
        assertThatThrownBy(() -> changes(huge, 1))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("64x16385 is too large for the factor of an adapter");
        assertThat(changes(LoraFiles.adapter(BASE, 16384, 8, GgmlType.F32, "blk.0.attn_q.weight"), 1))
                .hasSize(1);
    }

    @Test
    void refusesScalesThatOverflow() {
        assertThatThrownBy(() -> changes(ADAPTER, Float.MAX_VALUE))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("the scale is Infinity");
    }
}
