package io.github.expogguf.infer.load;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelGuardTest {

    private final Map<String, MetadataValue> values = new LinkedHashMap<>(Map.of(
            "general.architecture", MetadataValue.ofString("llama"),
            "llama.block_count", MetadataValue.ofUint32(3),
            "llama.attention.head_count", MetadataValue.ofUint32(4),
            "tokenizer.ggml.tokens", MetadataValue.ofStrings(List.of("a", "b", ""))));

    @Test
    void acceptsAnOrdinaryModel() {
        assertThatNoException().isThrownBy(this::check);
        values.put("llama.expert_count", MetadataValue.ofUint32(8));
        values.put("llama.expert_used_count", MetadataValue.ofInt32s(2, 1, 2));
        values.put("llama.rope.scaling.type", MetadataValue.ofString("yarn"));
        assertThatNoException().isThrownBy(this::check);
    }

    @Test
    void refusesLayersThatLlamaCppAssertsAgainst() {
        refuses("llama.block_count", MetadataValue.ofUint32(0), "llama.block_count is 0, expected 1 to 512");
        refuses("llama.block_count", MetadataValue.ofUint32(513), "llama.block_count is 513, expected 1 to 512");
        refuses("llama.nextn_predict_layers", MetadataValue.ofUint32(4), "nextn_predict_layers is 4, expected 0 to 3");
    }

    @Test
    void refusesExpertsThatLlamaCppAssertsAgainst() {
        refuses("llama.expert_count", MetadataValue.ofUint32(1025), "expert_count is 1025, expected 0 to 1024");
        refuses("llama.expert_count", MetadataValue.ofUint32(8), "expert_used_count is 0, expected 1 to 8");
        refuses("llama.expert_used_count", MetadataValue.ofUint32(1), "expert_used_count is 1, expected 0 to 0");
        values.put("llama.expert_count", MetadataValue.ofUint32(8));
        refuses("llama.expert_used_count", MetadataValue.ofInt32s(2, 9), "expert_used_count is 9, expected 1 to 8");
        values.put("llama.expert_used_count", MetadataValue.ofUint32(2));
        refuses("llama.expert_group_count", MetadataValue.ofUint32(8), "expert_group_count is 8, expected 0 to 7");
        refuses("llama.expert_group_count", MetadataValue.ofUint32(3), "expected a multiple of expert_group_count 3");
        refuses("llama.expert_group_count", MetadataValue.ofUint32(4), "group_used_count is 0, expected 1 to 3");
    }

    @Test
    void refusesTokensThatAreTheSameInC() {
        refusesTokens(List.of("a", "b", "a"), "token 2 'a' is there already");
        refusesTokens(List.of("a", "a\0b"), "token 1 'a' is there already");
        refusesTokens(List.of("[EMPTY_1]", ""), "token 1 '[EMPTY_1]' is there already");
        values.put("tokenizer.ggml.model", MetadataValue.ofString("test"));
        refusesTokens(List.of(), "tokenizer.ggml.tokens is of 0 elements, expected at least 1");
    }

    @Test
    void refusesUnknownRopeScalingAndOddShardNumbers() {
        refuses("llama.rope.scaling.type", MetadataValue.ofString("cubic"), "is 'cubic', expected one of [none, ");
        refuses("split.no", MetadataValue.ofUint32(0), "split.no is of type UINT32, expected a UINT16");
        values.put("split.no", MetadataValue.ofInteger(MetadataType.UINT16, 0));
        assertThatNoException().isThrownBy(this::check);
    }

    @Test
    void refusesHyperParametersThatSingleArchitecturesAssertAgainst() {
        refuses("llama.attention.head_count", MetadataValue.ofUint32(0), "head_count is 0, expected at least 1");
        values.put("llama.embedding_length", MetadataValue.ofUint32(32));
        refuses(
                "llama.attention.key_length",
                MetadataValue.ofUint32(4),
                "key_length is 4, expected the value_length, 8");
        refuses("llama.rope.dimension_count", MetadataValue.ofUint32(3), "is 3, expected the length of a head, 8");
        refuses("llama.ssm.state_size", MetadataValue.ofUint32(0), "ssm.state_size is 0, expected at least 1");
        refuses(
                "llama.attention.layer_norm_rms_epsilon",
                MetadataValue.ofFloat32(Float.NaN),
                "layer_norm_rms_epsilon is NaN, expected 0 or more");
        values.put("general.architecture", MetadataValue.ofString("qwen3moe"));
        values.put("qwen3moe.block_count", MetadataValue.ofUint32(1));
        refuses("qwen3moe.attention.head_count", MetadataValue.ofUint32(2), "expert_count is 0, expected at least 1");
        values.put("general.architecture", MetadataValue.ofString("mamba"));
        values.put("mamba.block_count", MetadataValue.ofUint32(1));
        values.put("mamba.attention.head_count", MetadataValue.ofUint32(0));
        assertThatNoException().isThrownBy(this::check);
    }

    /** They compute with the graph of another architecture, whose assertions count. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "granitemoe",
                "hunyuan-dense",
                "llama-embed",
                "minicpm",
                "nomic-bert",
                "phimoe",
                "maple",
                "spark2_5"
            })
    void refusesKeysOfAnotherLengthThanValues(String architecture) {
        values.put("general.architecture", MetadataValue.ofString(architecture));
        values.put(architecture + ".block_count", MetadataValue.ofUint32(2));
        values.put(architecture + ".embedding_length", MetadataValue.ofUint32(32));
        values.put(architecture + ".attention.head_count", MetadataValue.ofUint32(4));
        assertThatNoException().isThrownBy(this::check);
        refuses(
                architecture + ".attention.key_length",
                MetadataValue.ofUint32(4),
                "is 4, expected the value_length, 8");
    }

    @Test
    void refusesCyclesThatDoNotMakeTheBlocks() {
        values.put("general.architecture", MetadataValue.ofString("hrm_text"));
        values.put("hrm_text.block_count", MetadataValue.ofUint32(8));
        values.put("hrm_text.attention.head_count", MetadataValue.ofUint32(2));
        values.put("hrm_text.hrm.layers_per_stack", MetadataValue.ofUint32(1));
        values.put("hrm_text.hrm.h_cycles", MetadataValue.ofUint32(2));
        values.put("hrm_text.hrm.l_cycles", MetadataValue.ofUint32(3));
        assertThatNoException().isThrownBy(this::check);
        refuses("hrm_text.hrm.l_cycles", MetadataValue.ofUint32(0), "hrm.l_cycles is 0, expected at least 1");
        refuses(
                "hrm_text.block_count",
                MetadataValue.ofUint32(9),
                "is 9, expected layers_per_stack * h_cycles * (l_cycles + 1), 8");
    }

    @Test
    void refusesAnotherNumberOfTokenShiftsThanIsAssumed() {
        values.put("general.architecture", MetadataValue.ofString("arwkv7"));
        values.put("arwkv7.block_count", MetadataValue.ofUint32(2));
        refuses("arwkv7.embedding_length", MetadataValue.ofUint32(64), "token_shift_count is 2, expected 1");
        values.put("arwkv7.token_shift_count", MetadataValue.ofUint32(1));
        assertThatNoException().isThrownBy(this::check);
        values.put("general.architecture", MetadataValue.ofString("rwkv7"));
        values.put("rwkv7.block_count", MetadataValue.ofUint32(2));
        assertThatNoException().isThrownBy(this::check);
        refuses("rwkv7.token_shift_count", MetadataValue.ofUint32(1), "token_shift_count is 1, expected 2");
    }

    @Test
    void refusesGroupsThatStateSpaceModelsCannotHave() {
        values.put("general.architecture", MetadataValue.ofString("mamba2"));
        values.put("mamba2.ssm.inner_size", MetadataValue.ofUint32(64));
        refuses("mamba2.ssm.group_count", MetadataValue.ofUint32(0), "ssm.group_count is 0, expected at least 1");
        refuses(
                "mamba2.ssm.group_count",
                MetadataValue.ofUint32(5),
                "inner_size is 64, expected a multiple of the ssm.group_count, 5");
        values.put("general.architecture", MetadataValue.ofString("plamo2")); // its converter writes 0
        values.put("plamo2.ssm.group_count", MetadataValue.ofUint32(0));
        assertThatNoException().isThrownBy(this::check);
        refuses("plamo2.ssm.group_count", MetadataValue.ofUint32(1), "ssm.group_count is 1, expected 0");
    }

    @Test
    void refusesSectionsThatAHeadHasNoRoomFor() {
        values.put("general.architecture", MetadataValue.ofString("qwen35"));
        values.put("qwen35.attention.head_count", MetadataValue.ofUint32(4));
        values.put("qwen35.attention.key_length", MetadataValue.ofUint32(8));
        values.put("qwen35.attention.value_length", MetadataValue.ofUint32(8));
        String key = "qwen35.rope.dimension_sections";
        refuses(key, MetadataValue.ofInt32s(11, 11, 10, 0), "is 11, expected 0 to the length of a head, 8");
        refuses(key, MetadataValue.ofInt32s(1, -1, 0, 0), "is -1, expected 0 to the length of a head, 8");
        refuses(
                key,
                MetadataValue.ofInt32s(4, 4, 4, 0),
                "is 12, expected sections of no more than the length of a head");
        values.put(key, MetadataValue.ofInt32s(1, 1, 0, 0));
        assertThatNoException().isThrownBy(this::check);
    }

    @Test
    void refusesLatentAttentionWithoutItsLengths() {
        values.put("general.architecture", MetadataValue.ofString("hy_v4"));
        values.put("hy_v4.block_count", MetadataValue.ofUint32(2));
        values.put("hy_v4.attention.head_count", MetadataValue.ofUint32(2));
        values.put("hy_v4.attention.key_length_mla", MetadataValue.ofUint32(192));
        refuses(
                "hy_v4.attention.head_count_kv",
                MetadataValue.ofUint32(2),
                "value_length_mla is 0, expected at least 1");
        values.put("hy_v4.attention.value_length_mla", MetadataValue.ofUint32(128));
        assertThatNoException().isThrownBy(this::check);
        refuses(
                "hy_v4.rope.dimension_count",
                MetadataValue.ofUint32(192),
                "expected more than the rope.dimension_count, 192");
    }

    /** In llama.cpp's source the assertion is commented out for these: their real models rotate half of each head. */
    @ParameterizedTest
    @ValueSource(strings = {"minimax-m2", "minimax-01", "nemotron", "gptneox", "stablelm", "phi2", "glm4moe"})
    void acceptsModelsThatRotateAPartOfEachHead(String architecture) {
        values.put("general.architecture", MetadataValue.ofString(architecture));
        values.put(architecture + ".block_count", MetadataValue.ofUint32(2));
        values.put(architecture + ".embedding_length", MetadataValue.ofUint32(512));
        values.put(architecture + ".attention.head_count", MetadataValue.ofUint32(4));
        values.put(architecture + ".rope.dimension_count", MetadataValue.ofUint32(64));
        values.put(architecture + ".expert_count", MetadataValue.ofUint32(8));
        values.put(architecture + ".expert_used_count", MetadataValue.ofUint32(2));
        assertThatNoException().isThrownBy(this::check);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dflash", "eagle3", "gemma4-assistant"})
    void refusesDraftModels(String architecture) {
        refuses(
                "general.architecture",
                MetadataValue.ofString(architecture),
                architecture + " is a draft model, which works only beside the model that it drafts for");
    }

    @Test
    void refusesArraysThatWouldTakeLlamaCppGigabytes() {
        refuses(
                "a",
                MetadataValue.ofInt32s(new int[(1 << 22) + 1]),
                "a is of 4194305 elements, expected at most 4194304");
    }

    @Test
    void refusesTensorsThatLlamaCppCannotComputeWith() {
        refusesTensor("blk.0.ple_norm_key.weight", GgmlType.Q4_K, "is of type Q4_K, which llama.cpp cannot", 256, 4);
        refusesTensor("posnet.0.norm1.weight", GgmlType.F16, "is of type F16, which llama.cpp cannot", 1, 256);
        refusesTensor(
                "output_norm.weight",
                GgmlType.F16,
                "is of type F16, which llama.cpp cannot compute with, expected F32",
                32);
        refusesTensor("blk.0.attn_q.bias", GgmlType.I8, "is of type I8", 32);
        refusesTensor("blk.0.attn_norm.weight", GgmlType.Q8_0, "expected F32", 32, 1);
        for (GgmlType type :
                List.of(GgmlType.I8, GgmlType.I32, GgmlType.I64, GgmlType.F64, GgmlType.Q8_1, GgmlType.Q8_K)) {
            refusesTensor("token_embd.weight", type, "is of type " + type, 256, 4);
        }
        for (TensorSpec tensor : List.of(
                new TensorSpec("token_embd.weight", GgmlType.Q4_K, new Shape(256, 4)),
                new TensorSpec("output_norm.weight", GgmlType.F32, new Shape(256)),
                new TensorSpec("cls.output.weight", GgmlType.F16, new Shape(256, 1)),
                new TensorSpec("d2t", GgmlType.I64, new Shape(256)))) {
            assertThatNoException().isThrownBy(() -> TensorGuard.check("model.gguf", List.of(tensor)));
        }
    }

    private static void refusesTensor(String name, GgmlType type, String message, long... shape) {
        assertThatThrownBy(() -> TensorGuard.check("model.gguf", List.of(new TensorSpec(name, type, new Shape(shape)))))
                .isInstanceOf(InferenceException.class)
                .hasMessageStartingWith("model.gguf: tensor '" + name + "'")
                .hasMessageContaining(message);
    }

    private void refusesTokens(List<String> tokens, String message) {
        refuses("tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens), message);
    }

    private void refuses(String key, MetadataValue value, String message) {
        MetadataValue before = values.put(key, value);
        assertThatThrownBy(this::check)
                .isInstanceOf(InferenceException.class)
                .hasMessageStartingWith("model.gguf: ")
                .hasMessageContaining(message);
        if (before == null) {
            values.remove(key);
        } else {
            values.put(key, before);
        }
    }

    private void check() {
        ModelGuard.check("model.gguf", new Metadata(values));
    }
}
