package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The model in memory is the written one: weights (by their logits, bit for bit) and metadata. */
class LiveModelTest {

    private static final float ALPHA = 0.6f;
    private static final Sizes SIZES = Sizes.of(2, 256, 256, 4, 2);

    @TempDir
    Path directory;

    static Stream<Arguments> recipes() {
        Map<String, TinyModel> models = new LinkedHashMap<>();
        models.put("llama", TinyModels.llama(SIZES));
        models.put("llama, tied", TinyModels.llama(SIZES.withTiedEmbeddings()));
        models.put("llama, experts", TinyModels.llama(SIZES.withExperts(4)));
        models.put("llama, fused", fused(TinyModels.llama(SIZES), SIZES));
        models.put("llama, rotation factors", TinyModels.llama(SIZES).with("rope_freqs.weight", GgmlType.F32, 32));
        models.put("qwen2", TinyModels.qwen2(SIZES));
        models.put("qwen3", TinyModels.qwen3(SIZES.withTiedEmbeddings(), 64));
        models.put("gpt2", completeGpt2());
        models.put("mamba", completeMamba());
        return models.entrySet().stream()
                .flatMap(model -> Stream.of(FileType.F16, FileType.Q8_0, FileType.Q4_K_M)
                        .map(type -> Arguments.of(model.getKey(), model.getValue(), type)));
    }

    /** Queries, keys and values in one matrix, as Phi-3 has them. */
    private static TinyModel fused(TinyModel model, Sizes sizes) {
        TinyModel fused = model.select(name -> !name.matches(".*attn_[qkv]\\.weight"));
        for (int layer = 0; layer < sizes.layers(); layer++) {
            long rows = sizes.embedding() + 2L * sizes.embedding() / sizes.heads() * sizes.keyValueHeads();
            fused = fused.with("blk." + layer + ".attn_qkv.weight", GgmlType.F32, sizes.embedding(), rows);
        }
        return fused;
    }

    private static TinyModel completeGpt2() {
        Sizes sizes = Sizes.of(2, 256, 256, 4, 4);
        TinyModel model = TinyModels.gpt2(sizes).with("output_norm.bias", GgmlType.F32, 256);
        for (int layer = 0; layer < sizes.layers(); layer++) {
            String block = "blk." + layer + ".";
            model = model.with(block + "attn_qkv.bias", GgmlType.F32, 768);
            for (String name : new String[] {"attn_norm", "attn_output", "ffn_norm", "ffn_up", "ffn_down"}) {
                model = model.with(block + name + ".bias", GgmlType.F32, 256);
            }
            model = model.with(block + "ffn_norm.weight", GgmlType.F32, 256);
        }
        return model;
    }

    private static TinyModel completeMamba() {
        TinyModel model = TinyModels.mamba(Sizes.of(2, 128, 0, 0, 0));
        for (int layer = 0; layer < 2; layer++) {
            String block = "blk." + layer + ".";
            model = model.with(block + "ssm_conv1d.bias", GgmlType.F32, 256)
                    .with(block + "ssm_dt.bias", GgmlType.F32, 256)
                    .with(block + "ssm_d", GgmlType.F32, 256);
        }
        return model;
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("recipes")
    void hasTheLogitsOfTheWrittenFile(String name, TinyModel model, FileType type) throws IOException {
        try (Extrapolator pair = pair(model)) {
            hasTheLogitsOfTheWrittenFile(pair, options(type));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "Q8_0", "Q4_K_M"})
    void hasTheLogitsOfTheWrittenFileForATrainedPair(FileType type) throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            hasTheLogitsOfTheWrittenFile(pair, options(type));
        }
    }

    @Test
    void weighsColumnsByAnImatrix() throws IOException {
        TinyModel model = TinyModels.llama(SIZES);
        try (Extrapolator pair = pair(model)) {
            PlanOptions options = PlanOptions.builder()
                    .alpha(ALPHA)
                    .fileType(FileType.Q4_K_M)
                    .imatrix(model.imatrix(5))
                    .build();
            hasTheLogitsOfTheWrittenFile(pair, options);
            try (LiveModel weighed = LiveModel.open(pair, options, WorkOptions.defaults());
                    LiveModel plain = LiveModel.open(pair, options(FileType.Q4_K_M), WorkOptions.defaults())) {
                assertThat(logits(weighed.model())).isNotEqualTo(logits(plain.model()));
            }
        }
    }

    /** Alpha 0 is the aligned model, converted. */
    private void hasTheLogitsOfTheWrittenFile(Extrapolator pair, PlanOptions options) throws IOException {
        try (LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults())) {
            float[] extrapolated = logits(live.model());
            assertThat(extrapolated).isEqualTo(logitsOfFile(pair, options));
            live.setAlpha(0);
            assertThat(logits(live.model()))
                    .isEqualTo(logitsOfFile(pair, options.withAlpha(0)))
                    .isNotEqualTo(extrapolated);
        }
    }

    @Test
    void convertsOneModelWithoutAnotherToExtrapolateFrom() throws IOException {
        PlanOptions options = options(FileType.Q8_0).withAlpha(0);
        try (Extrapolator one = Extrapolator.open(DemoFiles.ALIGNED);
                LiveModel live = LiveModel.open(one, options, WorkOptions.defaults())) {
            assertThat(logits(live.model())).isEqualTo(logitsOfFile(one, options));
            assertThat(live.alpha()).isZero();
        }
    }

    @Test
    void anotherAlphaIsAnotherModelAndTheWayBackLeadsHome() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M);
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
                LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults());
                LlamaContext context = LlamaContext.open(live.model(), small())) {
            float[] first = logits(context);
            for (float alpha : new float[] {1.5f, -0.4f, 0}) {
                live.setAlpha(alpha);
                assertThat(live.alpha()).isEqualTo(alpha);
                try (LiveModel fresh = LiveModel.open(pair, options.withAlpha(alpha), WorkOptions.defaults())) {
                    assertThat(logits(context)).isEqualTo(logits(fresh.model())).isNotEqualTo(first);
                }
            }
            live.setAlpha(ALPHA, WorkOptions.defaults().withThreads(3));
            assertThat(logits(context)).isEqualTo(first);
        }
    }

    /** What is the same in both models is copied in the written one, also where the first alpha left it out. */
    @Test
    void rulesHoldAtEveryAlpha() throws IOException {
        TinyModel model = TinyModels.llama(SIZES).withMatrices(GgmlType.Q4_K);
        TensorValues same = TensorValues.random(1);
        TensorValues changed = TensorValues.near(same, 2);
        Path sft = model.write(directory.resolve("sft.gguf"), same);
        Path aligned = model.write(
                directory.resolve("aligned.gguf"),
                tensor -> (tensor.name().contains("ffn") ? same : changed).of(tensor));
        PlanOptions ruled = PlanOptions.builder()
                .alphaRules(List.of(TensorAlphaRule.parse("attn=0.9"), TensorAlphaRule.parse("norm=copy")))
                .build();
        try (Extrapolator pair = Extrapolator.open(sft, aligned);
                LiveModel live = LiveModel.open(pair, ruled, WorkOptions.defaults())) {
            assertThat(logits(live.model()))
                    .isEqualTo(logitsOfFile(pair, ruled))
                    .isNotEqualTo(logitsOfFile(pair, PlanOptions.builder().build()));
            for (float alpha : new float[] {2, 0}) {
                live.setAlpha(alpha);
                assertThat(logits(live.model())).isEqualTo(logitsOfFile(pair, ruled.withAlpha(alpha)));
            }
        }
    }

    @Test
    void tensorsThatStayTheSameAreNotComputedAgain() throws IOException {
        TinyModel model = TinyModels.llama(SIZES);
        PlanOptions options = options(FileType.Q8_0);
        List<TensorAlphaRule> one = List.of(TensorAlphaRule.parse("^blk\\.0\\.ffn_up=0.9"));
        List<TensorAlphaRule> none = List.of();
        PlanOptions ruled = options.toBuilder().alphaRules(one).build();
        try (Extrapolator pair = pair(model);
                LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults())) {
            Set<String> changed = ConcurrentHashMap.newKeySet();
            WorkOptions listened = WorkOptions.defaults().withListener(progress -> {
                if (progress.stage() == Progress.Stage.EXTRAPOLATE
                        && !progress.tensor().isEmpty()) {
                    changed.add(progress.tensor());
                }
            });
            live.setAlpha(ALPHA, one, listened);
            assertThat(changed).containsExactly("blk.0.ffn_up.weight");
            assertThat(logits(live.model())).isEqualTo(logitsOfFile(pair, ruled));
            live.setAlpha(ALPHA, none, listened);
            assertThat(changed).containsExactly("blk.0.ffn_up.weight");
            assertThat(logits(live.model())).isEqualTo(logitsOfFile(pair, options));
            WorkOptions failing = WorkOptions.defaults().withListener(progress -> {
                throw new IllegalArgumentException("no more");
            });
            assertThatThrownBy(() -> live.setAlpha(2, none, failing)).hasMessage("no more");
            live.setAlpha(ALPHA, none, listened);
            assertThat(changed).hasSize(live.plan().tasks().size());
            assertThat(logits(live.model())).isEqualTo(logitsOfFile(pair, options));
        }
    }

    @Test
    void carriesTheMetadataOfTheWrittenFileButForTheDigestsAndWhatIsMeasured() throws IOException {
        PlanOptions options = options(FileType.Q8_0);
        Path file = directory.resolve("written.gguf");
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
                LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults())) {
            for (float alpha : new float[] {ALPHA, 0, 2}) {
                live.setAlpha(alpha);
                pair.write(
                        options.withAlpha(alpha), file, OutputOptions.defaults().withForce(true));
                try (GgufModel written = GgufModel.open(file)) {
                    assertThat(withoutDigests(live.model().metadata()))
                            .isEqualTo(withoutDigests(written.header().metadata()));
                }
                try (LlamaModel written = LlamaModel.load(file, LoadOptions.defaults())) {
                    assertThat(live.model().description()).contains("Q8_0");
                    assertThat(live.model().parameterCount()).isEqualTo(written.parameterCount());
                    assertThat(live.model().tensorBytes()).isEqualTo(written.tensorBytes());
                    assertThat(live.model().usefulThreads()).isEqualTo(written.usefulThreads());
                    assertThat(live.model().chatTemplate()).isEqualTo(written.chatTemplate());
                    assertThat(live.model().vocabularySize()).isEqualTo(written.vocabularySize());
                    assertThat(live.model().trainedContextTokens()).isEqualTo(written.trainedContextTokens());
                }
            }
        }
    }

    private static Map<String, MetadataValue> withoutDigests(Metadata metadata) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.keySet()
                .removeIf(key -> key.endsWith(".sha256")
                        || key.startsWith("expo.checksum.")
                        || key.startsWith("expo.realised."));
        return values;
    }

    private float[] logitsOfFile(Extrapolator pair, PlanOptions options) throws IOException {
        Path file = directory.resolve("written.gguf");
        pair.write(options, file, OutputOptions.defaults().withForce(true));
        try (LlamaModel written = LlamaModel.load(file, LoadOptions.defaults().withRepacking(false))) {
            return logits(written);
        }
    }

    private static float[] logits(LlamaModel model) {
        try (LlamaContext context = LlamaContext.open(model, small())) {
            return logits(context);
        }
    }

    private static float[] logits(LlamaContext context) {
        return context.logits(context.model().tokenize("The capital of Chile"));
    }

    private static ContextOptions small() {
        return ContextOptions.defaults().withContextTokens(256).withThreads(1);
    }

    private static PlanOptions options(FileType type) {
        return PlanOptions.builder().alpha(ALPHA).fileType(type).build();
    }

    private Extrapolator pair(TinyModel model) throws IOException {
        TensorValues values = TensorValues.random(1);
        Path sft = inType(model, GgmlType.F16).write(directory.resolve("sft.gguf"), values);
        Path aligned =
                inType(model, GgmlType.BF16).write(directory.resolve("aligned.gguf"), TensorValues.near(values, 2));
        return Extrapolator.open(sft, aligned);
    }

    /** What Mamba convolves and scans with stays F32: ggml computes with nothing else there. */
    private static TinyModel inType(TinyModel model, GgmlType type) {
        return model.withMatrices(type)
                .mapTensors(tensor ->
                        tensor.name().matches(".*ssm_(conv1d.weight|a)") ? tensor.withType(GgmlType.F32) : tensor);
    }
}
