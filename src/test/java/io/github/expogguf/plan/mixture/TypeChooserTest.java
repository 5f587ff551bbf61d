package io.github.expogguf.plan.mixture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle is {@code llama_model_quantize} itself, which tells its decisions in a dry run. */
class TypeChooserTest {

    /** That there is one counts in a dry run, not what it says. */
    private static final Imatrix SOME_IMATRIX = new Imatrix(Map.of("blk.0.attn_v.weight", new float[] {1}));

    @TempDir
    Path directory;

    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of("few heads share keys", TinyModels.llama(Sizes.of(16, 256, 512, 8, 8))),
                Arguments.of("many heads share keys", TinyModels.llama(Sizes.of(21, 256, 512, 8, 2))),
                Arguments.of(
                        "tied", TinyModels.llama(Sizes.of(3, 256, 512, 4, 4).withTiedEmbeddings())),
                Arguments.of(
                        "tied, with biases",
                        TinyModels.qwen2(Sizes.of(28, 256, 768, 4, 1).withTiedEmbeddings())),
                Arguments.of("rows of 32s", TinyModels.llama(Sizes.of(9, 288, 352, 4, 1))),
                Arguments.of("odd rows", TinyModels.llama(Sizes.of(9, 300, 250, 4, 1))),
                Arguments.of(
                        "8 experts",
                        TinyModels.llama(Sizes.of(16, 256, 512, 8, 2).withExperts(8))),
                Arguments.of(
                        "4 experts",
                        TinyModels.llama(Sizes.of(16, 256, 512, 8, 8).withExperts(4))),
                Arguments.of(
                        "2 experts, 11 layers",
                        TinyModels.llama(Sizes.of(11, 256, 256, 4, 2).withExperts(2))),
                Arguments.of("70B", valuesAndDown(TinyModels.llama(Sizes.of(80, 256, 256, 8, 1)))),
                Arguments.of("65B", valuesAndDown(TinyModels.llama(Sizes.of(80, 256, 256, 8, 8)))),
                Arguments.of(
                        "80 layers, 8 experts",
                        valuesAndDown(
                                TinyModels.llama(Sizes.of(80, 256, 256, 8, 1).withExperts(8)))),
                Arguments.of("qwen2 72B", valuesAndDown(TinyModels.qwen2(Sizes.of(80, 256, 256, 8, 8)))),
                Arguments.of("falcon", TinyModels.falcon(Sizes.of(32, 256, 1024, 4, 1))),
                Arguments.of("gpt2", TinyModels.gpt2(Sizes.of(12, 256, 1024, 4, 4))),
                Arguments.of("bert", TinyModels.bert(Sizes.of(6, 256, 512, 4, 4))),
                Arguments.of("mamba", TinyModels.mamba(Sizes.of(8, 256, 0, 1, 1))),
                Arguments.of("odd names", oddNames()),
                Arguments.of("head counts by layer", headCountsByLayer()),
                Arguments.of("no key/value heads in layer 0", withoutKeyValueHeads()),
                Arguments.of("looped layers", loopedLayers()),
                Arguments.of("a layer for a router", routerLayer()),
                Arguments.of("stacked matrices that are no experts", stackedAttention()),
                Arguments.of("predicted layers", predictedLayers()));
    }

    /** Of many layers just what depends on their number. */
    private static TinyModel valuesAndDown(TinyModel model) {
        return model.select(name -> name.contains("attn_v") || name.contains("ffn_down"));
    }

    /** Every name that llama.cpp treats in a special way, and some that only look like it. */
    private static TinyModel oddNames() {
        TinyModel model = TinyModels.llama(Sizes.of(5, 256, 512, 4, 2));
        for (String name : List.of(
                "abcde",
                "ab.de",
                "abcd",
                "weight",
                "xweight",
                "blk.0.other.weight",
                "blk.0.other.weights",
                "per_layer_token_embd.weight",
                "altup_proj.weight",
                "altup_unembd_proj.weight",
                "blk.0.laurel_l.weight",
                "per_layer_model_proj.weight",
                "blk.0.ffn_gate_inp.weight",
                "blk.0.ffn_gate_tid2eid.weight",
                "blk.0.ssm_conv1d.weight",
                "blk.0.shortconv.conv.weight",
                "blk.0.shortconv.in_proj.weight",
                "blk.1.indexer.k_proj.weight",
                "blk.1.indexer.q_proj.weight",
                "blk.1.indexer.attn_k.weight",
                "blk.1.time_mix_first.weight",
                "blk.1.time_mix_w0.weight",
                "blk.1.time_mix_w1.weight",
                "blk.1.time_mix_w2.weight",
                "blk.1.time_mix_v0.weight",
                "blk.1.time_mix_v1.weight",
                "blk.1.time_mix_v2.weight",
                "blk.1.time_mix_a0.weight",
                "blk.1.time_mix_a1.weight",
                "blk.1.time_mix_a2.weight",
                "blk.1.time_mix_g1.weight",
                "blk.1.time_mix_g2.weight",
                "blk.1.time_mix_decay_w1.weight",
                "blk.1.time_mix_decay_w2.weight",
                "blk.1.time_mix_lerp_fused.weight",
                "blk.1.time_mix_key.weight",
                "blk.2.attn_rel_b.weight",
                "v.position_embd.weight",
                "position_embd.weight",
                "token_types.weight",
                "v.sam.pos_embd.weight",
                "v.sam.neck.0.weight",
                "v.sam.net_1.weight",
                "v.blk.0.rel_pos_h.weight",
                "v.patch_embd.weight",
                "v.patch_merger.weight",
                "a.rvq.codebook.weight",
                "mm.a.code_embd.weight",
                "x_norm.weight",
                "blk.3.attn_kv_b.weight",
                "blk.3.attn_qkv.weight",
                "blk.3.attn_v_b.weight",
                "blk.3.xattn_v.weight",
                "blk.2.ffn_up_shexp.weight",
                "blk.2.ffn_down_shexp.weight",
                "blk.2.ffn_gate_shexp.weight",
                "blk.2.ffn_norm_exps.weight",
                "blk.2.ffn_down.bias",
                "v.blk.7.ffn_down.weight",
                "mtp.ffn_up.weight",
                "blk. 4.attn_v.weight",
                "blk.+4.attn_output.weight",
                "blk.-3.ffn_gate.weight",
                "blk.4attn_v.weight")) {
            boolean present =
                    model.tensors().stream().anyMatch(tensor -> tensor.name().equals(name));
            model = present ? model : model.with(name, GgmlType.F32, 256, 8);
        }
        return model.with("blk.4.flat.weight", GgmlType.F32, 512, 1)
                .with("blk.4.stacked.weight", GgmlType.F32, 256, 4, 3)
                .with("blk.4.half.weight", GgmlType.F16, 256, 4)
                .with("blk.4.narrow.weight", GgmlType.BF16, 4, 4);
    }

    private static TinyModel headCountsByLayer() {
        TinyModel model = TinyModels.llama(Sizes.of(4, 256, 512, 8, 2));
        return model.with("llama.attention.head_count", MetadataValue.ofInt32s(8, 4, 4, 4))
                .with("llama.attention.head_count_kv", MetadataValue.ofInt32s(2, 4, 4, 4));
    }

    private static TinyModel withoutKeyValueHeads() {
        TinyModel model = TinyModels.llama(Sizes.of(4, 256, 512, 8, 2));
        return model.with("llama.attention.head_count_kv", MetadataValue.ofInt32s(0, 2, 2, 2));
    }

    private static TinyModel loopedLayers() {
        TinyModel model = renamed(TinyModels.llama(Sizes.of(10, 256, 512, 8, 8)), "llama", "nanbeige");
        return model.with("nanbeige.num_loops", MetadataValue.ofUint32(3));
    }

    private static TinyModel routerLayer() {
        TinyModel model = renamed(TinyModels.llama(Sizes.of(15, 256, 512, 8, 8)), "llama", "graniteswitch");
        return model.with("graniteswitch.logit_scale", MetadataValue.ofFloat32(1))
                .with("graniteswitch.adapters.count", MetadataValue.ofUint32(1))
                .with("graniteswitch.adapters.lora_rank", MetadataValue.ofUint32(8))
                .with("graniteswitch.adapters.token_ids_activate", MetadataValue.ofInt32s(300))
                .with("graniteswitch.adapters.token_ids_substitute", MetadataValue.ofInt32s(301));
    }

    private static TinyModel stackedAttention() {
        TinyModel model = renamed(TinyModels.llama(Sizes.of(2, 256, 256, 4, 2).withExperts(4)), "llama", "bailingmoe3")
                .with("blk.1.attn_k_b.weight", GgmlType.F32, 256, 16, 4)
                .with("bailingmoe3.kda.gate_lower_bound", MetadataValue.ofFloat32(-5));
        for (String key : List.of(
                "attention.key_length_mla",
                "attention.value_length_mla",
                "attention.kv_lora_rank",
                "ssm.conv_kernel",
                "kda.head_dim",
                "expert_feed_forward_length",
                "expert_shared_count",
                "leading_dense_block_count",
                "expert_gating_func")) {
            model = model.with("bailingmoe3." + key, MetadataValue.ofUint32(1));
        }
        return model;
    }

    private static TinyModel predictedLayers() {
        TinyModel model = valuesAndDown(TinyModels.llama(Sizes.of(81, 256, 256, 8, 1)));
        return model.with("llama.nextn_predict_layers", MetadataValue.ofUint32(1));
    }

    private static TinyModel renamed(TinyModel model, String from, String to) {
        TinyModel renamed = model.with("general.architecture", MetadataValue.ofString(to));
        for (Map.Entry<String, MetadataValue> pair : model.metadata().asMap().entrySet()) {
            if (pair.getKey().startsWith(from + ".")) {
                String key = to + pair.getKey().substring(from.length());
                renamed = renamed.without(pair.getKey()).with(key, pair.getValue());
            }
        }
        return renamed;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void agreesWithLlamaQuantizeForEveryFileType(String name, TinyModel model) {
        Path file = model.writeSparse(directory.resolve("model.gguf"));
        for (FileType fileType : FileType.values()) {
            compare(file, model, PlanOptions.builder().fileType(fileType).build());
            compare(
                    file,
                    model,
                    PlanOptions.builder()
                            .fileType(fileType)
                            .imatrix(SOME_IMATRIX)
                            .build());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void agreesWithLlamaQuantizeForRandomModelsAndOptions(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            TinyModel model = randomModel(random);
            Path file = model.writeSparse(directory.resolve("model.gguf"));
            PlanOptions options = randomOptions(random, model);
            compare(file, model, options);
        }
    }

    private static TinyModel randomModel(Random random) {
        int heads = 1 << random.nextInt(4);
        int keyValueHeads = Math.min(heads, 1 << random.nextInt(4));
        int embedding = List.of(256, 512, 384, 288, 320, 2880, 264).get(random.nextInt(7));
        int feedForward = List.of(256, 1024, 64, 352, 100).get(random.nextInt(5));
        Sizes sizes = Sizes.of(1 + random.nextInt(50), embedding, feedForward, heads, keyValueHeads);
        sizes = random.nextInt(3) == 0 ? sizes.withTiedEmbeddings() : sizes;
        return switch (random.nextInt(6)) {
            case 0 -> TinyModels.qwen2(sizes);
            case 1 -> TinyModels.qwen3(sizes, 128);
            case 2 -> TinyModels.falcon(sizes);
            case 3 -> TinyModels.llama(sizes.withExperts(List.of(2, 3, 4, 8, 16).get(random.nextInt(5))));
            default -> TinyModels.llama(sizes).with("per_layer_token_embd.weight", GgmlType.F32, 256, 9);
        };
    }

    private static PlanOptions randomOptions(Random random, TinyModel model) {
        FileType fileType = FileType.values()[random.nextInt(FileType.values().length)];
        PlanOptions.Builder options = PlanOptions.builder()
                .fileType(fileType)
                .pure(random.nextInt(6) == 0)
                .leaveOutputTensor(random.nextInt(4) == 0);
        // types of 32 columns and less, which fit in all tensors
        List<GgmlType> fitting = List.of(GgmlType.Q8_0, GgmlType.Q5_1, GgmlType.F16, GgmlType.BF16, GgmlType.F32);
        boolean fits = model.tensors().getFirst().shape().rowLength() % 32 == 0;
        if (fits && random.nextInt(3) == 0) {
            options.outputTensorType(fitting.get(random.nextInt(fitting.size())));
        }
        if (fits && random.nextInt(3) == 0) {
            options.tokenEmbeddingType(fitting.get(random.nextInt(fitting.size())));
        }
        if (random.nextInt(3) == 0) {
            options.imatrix(SOME_IMATRIX);
        }
        if (fileType.defaultType().isQuantized() && random.nextInt(2) == 0) {
            List<String> patterns = List.of(
                    "attn_v", "ffn_(up|gate)", "blk\\.[0-3]\\.", "^token_embd", "layer_token", "output", "down.*t$");
            List<GgmlType> types = List.of(GgmlType.Q6_K, GgmlType.IQ4_XS, GgmlType.Q4_1, GgmlType.F16, GgmlType.TQ1_0);
            List<TensorTypeRule> rules = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                rules.add(new TensorTypeRule(
                        Pattern.compile(patterns.get(random.nextInt(patterns.size()))),
                        types.get(random.nextInt(types.size()))));
            }
            options.tensorTypes(rules);
        }
        if (random.nextInt(4) == 0) {
            boolean hasExperts = model.metadata().get("llama.expert_count").isPresent();
            options.overrides(List.of(
                    KeyValueOverride.parse("llama.attention.head_count_kv=int:1"),
                    KeyValueOverride.parse(hasExperts ? "llama.expert_count=int:8" : "llama.block_count=int:24")));
        }
        return options.build();
    }

    private static void compare(Path file, TinyModel model, PlanOptions options) {
        Map<String, GgmlType> expected;
        try {
            expected = NativeQuantizer.dryRun(file, options);
        } catch (NativeQuantizer.Refused refused) {
            assertThatThrownBy(() -> choose(model, options))
                    .as("%s: %s", options, refused.getMessage())
                    .isInstanceOf(UnsupportedTypeException.class);
            return;
        }
        assertThat(choose(model, options)).as(options.toString()).isEqualTo(expected);
    }

    private static Map<String, GgmlType> choose(TinyModel model, PlanOptions options) {
        ModelHeader header = model.header("model.gguf");
        List<GgmlType> types = TypeChooser.choose(header, options);
        Map<String, GgmlType> byName = new TreeMap<>();
        for (int i = 0; i < types.size(); i++) {
            byName.put(header.tensors().get(i).name(), types.get(i));
        }
        return byName;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0", "Q2_K", "Q4_K_M", "Q5_0", "MXFP4_MOE", "TQ1_0"})
    void agreesWithTheFileThatLlamaQuantizeWrites(FileType fileType) {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 288, 4, 1).withExperts(2));
        Path file = model.write(directory.resolve("model.gguf"), TensorValues.random(7));
        Path quantized = directory.resolve("quantized.gguf");
        PlanOptions options = PlanOptions.builder()
                .fileType(fileType)
                .imatrix(model.imatrix(3))
                .build();
        NativeQuantizer.quantize(file, quantized, options);
        assertThat(choose(model, options)).isEqualTo(NativeQuantizer.types(quantized));
    }

    @Test
    void refusesRowsForWhichLlamaCppHasNoFallback() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 288, 4, 1));
        PlanOptions options = PlanOptions.builder().fileType(FileType.Q1_0).build();
        assertThatThrownBy(() -> choose(model, options))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("model.gguf: tensor 'blk.0.ffn_down.weight': row length 288 is not a multiple of 128"
                        + " (block size of Q1_0), and there is no type to fall back to");
    }

    @Test
    void refusesNamedTypesThatRowsDoNotFit() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 288, 256, 4, 1));
        PlanOptions options = PlanOptions.builder()
                .fileType(FileType.Q8_0)
                .outputTensorType(GgmlType.Q6_K)
                .build();
        assertThatThrownBy(() -> choose(model, options))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("model.gguf: tensor 'output.weight': row length 288 is not a multiple of 256"
                        + " (block size of Q6_K)");
    }

    @Test
    void refusesLayersThatAMixtureOfExpertsDoesNotHave() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 256, 4, 1).withExperts(2))
                .with("mtp.ffn_up.weight", GgmlType.F32, 256, 256);
        PlanOptions options = PlanOptions.builder().fileType(FileType.Q4_K_M).build();
        assertThatThrownBy(() -> choose(model, options))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessageContaining("tensor 'mtp.ffn_up.weight': Q4_K_M gives its type by layer");
        assertThatThrownBy(() -> NativeQuantizer.dryRun(model.writeSparse(directory.resolve("model.gguf")), options))
                .isInstanceOf(NativeQuantizer.Refused.class)
                .hasMessageContaining("Failed to determine layer for tensor mtp.ffn_up.weight");
    }

    @Test
    void keepsTypesWithoutFileTypeExceptWhereAnOptionNamesAnother() {
        TinyModel model = TinyModels.llama(Sizes.of(2, 256, 256, 4, 1)).withMatrices(GgmlType.Q4_K);
        PlanOptions options = PlanOptions.builder()
                .tensorTypes(List.of(TensorTypeRule.parse("attn_(k|v)=q6_k"), TensorTypeRule.parse("norm=q8_0")))
                .tokenEmbeddingType(GgmlType.F16)
                .outputTensorType(GgmlType.Q8_0)
                .build();
        assertThat(choose(model, options))
                .containsEntry("token_embd.weight", GgmlType.F16)
                .containsEntry("output.weight", GgmlType.Q8_0)
                .containsEntry("blk.1.attn_k.weight", GgmlType.Q6_K)
                .containsEntry("blk.1.attn_q.weight", GgmlType.Q4_K)
                .containsEntry("blk.1.attn_norm.weight", GgmlType.F32);
        assertThat(choose(
                        TinyModels.llama(Sizes.of(1, 256, 256, 4, 1).withTiedEmbeddings()),
                        PlanOptions.builder().outputTensorType(GgmlType.Q8_0).build()))
                .containsEntry("token_embd.weight", GgmlType.Q8_0);
    }

    @Test
    void refusesOptionsThatContradictEachOther() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 256, 4, 1));
        assertThatThrownBy(() -> choose(model, PlanOptions.builder().pure(true).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pure");
        PlanOptions halves = PlanOptions.builder()
                .fileType(FileType.F16)
                .tensorTypes(List.of(TensorTypeRule.parse("attn_v=q8_0")))
                .build();
        assertThatThrownBy(() -> choose(model, halves))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no effect in F16 files");
    }

    @Test
    void agreesOnModelsOfRealSizes() {
        // Qwen3 0.6B and 120 billion parameters of gpt-oss, but for their number of layers
        List<TinyModel> models = List.of(
                TinyModels.qwen3(Sizes.of(28, 1024, 3072, 16, 8).withTiedEmbeddings(), 128),
                TinyModels.llama(Sizes.of(2, 2880, 2880, 64, 8).withExperts(128)));
        for (TinyModel model : models) {
            TinyModel halves = model.withMatrices(GgmlType.F16);
            Path file = halves.writeSparse(directory.resolve("model.gguf"));
            for (FileType fileType : FileType.values()) {
                compare(file, halves, PlanOptions.builder().fileType(fileType).build());
            }
        }
    }
}
