package io.github.expogguf.run;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is rounded otherwise than to nearest where nobody says how: BF16 that stays BF16, and types that make weights
 * larger.
 */
class RoundingChoiceTest {

    private static final PlanOptions CHOSEN = PlanOptions.builder().alpha(0.3f).build();
    private static final PlanOptions NEAREST =
            CHOSEN.toBuilder().rounding(Rounding.NEAREST).build();

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private int outputs;

    private static final Map<FileType, Path> SFT = new TreeMap<>();
    private static final Map<FileType, Path> ALIGNED = new TreeMap<>();

    @BeforeAll
    static void quantizeInputs() throws IOException {
        for (FileType type : new FileType[] {FileType.BF16, FileType.IQ3_S}) {
            SFT.put(type, quantize(DemoFiles.SFT, type, "sft"));
            ALIGNED.put(type, quantize(DemoFiles.ALIGNED, type, "aligned"));
        }
    }

    private static Path quantize(Path model, FileType type, String name) throws IOException {
        Path output = shared.resolve(name + "-" + type + ".gguf");
        try (Extrapolator one = Extrapolator.open(model)) {
            one.write(PlanOptions.builder().fileType(type).build(), output, OutputOptions.defaults());
        }
        return output;
    }

    private ExpoReport write(FileType inputs, PlanOptions options, String name, int threads) throws IOException {
        try (Extrapolator pair = Extrapolator.open(SFT.get(inputs), ALIGNED.get(inputs))) {
            return pair.write(
                    options, directory.resolve(name), OutputOptions.defaults().withThreads(threads));
        }
    }

    private RealisedAlpha realised(FileType inputs, PlanOptions options) throws IOException {
        return write(inputs, options, "any-" + outputs++ + ".gguf", 2)
                .realised()
                .orElseThrow();
    }

    @Test
    void aBf16PairCarriesAlphaInBf16UnlessBf16WasAskedFor() throws IOException {
        assertThat(realised(FileType.BF16, CHOSEN).realised()).isCloseTo(0.3, within(0.005));
        assertThat(realised(FileType.BF16, NEAREST).realised()).isLessThan(0.15);
        assertThat(realised(FileType.BF16, CHOSEN.withFileType(FileType.BF16)).realised())
                .isLessThan(0.15);
    }

    @Test
    void weightsKeepTheirSizeInATypeThatWouldMakeThemLarger() throws IOException {
        assertThat(factor(write(FileType.IQ3_S, CHOSEN, "chosen.gguf", 2))).isCloseTo(1, within(0.003));
        assertThat(factor(write(FileType.IQ3_S, NEAREST, "nearest.gguf", 2))).isCloseTo(1.033, within(0.003));
    }

    /** Of the tensors of the type; norms and the output are of others. */
    private static double factor(ExpoReport report) {
        return RealisedAlpha.of(report.steps().stream()
                        .filter(step -> step.targetType() == GgmlType.IQ3_S)
                        .toList())
                .orElseThrow()
                .factor();
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "IQ3_S"})
    void theFileIsTheSameForAnyThreadsAndIsComputedAgainFromWhatItSays(FileType type) throws IOException {
        Path file = write(type, CHOSEN, "one.gguf", 1).files().getFirst();
        Path other = write(type, CHOSEN, "three.gguf", 3).files().getFirst();
        assertThat(other).hasBinaryContent(Files.readAllBytes(file));
        Ingredients<Path> inputs = Ingredients.pair(SFT.get(type), ALIGNED.get(type));
        VerificationReport report = Verifier.verify(file, inputs, WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @Test
    void theRecipeSaysWhoChoseAndWithoutAWordItIsToNearest() throws IOException {
        assertThat(recipe(write(FileType.IQ3_S, CHOSEN, "chosen.gguf", 2))).satisfies(recipe -> {
            assertThat(recipe.choosesRounding()).isTrue();
            assertThat(recipe.optionsWithoutImatrix()).isEqualTo(CHOSEN);
        });
        Recipe nearest = recipe(write(FileType.IQ3_S, NEAREST, "nearest.gguf", 2));
        assertThat(nearest.rules()).containsExactly("--rounding nearest");
        assertThat(nearest.optionsWithoutImatrix()).isEqualTo(NEAREST);
        Recipe older = new Recipe(
                nearest.version(),
                nearest.llamaCppVersion(),
                nearest.alpha(),
                nearest.models(),
                List.of(),
                nearest.imatrixDigest(),
                nearest.chatTemplate(),
                nearest.evidence(),
                false);
        assertThat(older.optionsWithoutImatrix()).isEqualTo(NEAREST);
    }

    private static Recipe recipe(ExpoReport report) throws IOException {
        try (GgufModel written = GgufModel.open(report.files().getFirst())) {
            return Recipe.read(written.header().metadata()).orElseThrow();
        }
    }

    /** Float32 division, then what ggml makes of the quotients. */
    @Test
    void whatIsDividedIsWhatQuantizingTheQuotientsGives() throws IOException {
        Path file = write(FileType.IQ3_S, CHOSEN, "out.gguf", 2).files().getFirst();
        String name = "blk.1.ffn_up.weight";
        float[] from = floats(SFT.get(FileType.IQ3_S), name);
        float[] to = floats(ALIGNED.get(FileType.IQ3_S), name);
        float[] quotients = new float[to.length];
        for (int i = 0; i < to.length; i++) {
            float delta = to[i] - from[i];
            float step = 0.3f * delta;
            quotients[i] = (to[i] + step) / 1.033f;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(GgmlType.IQ3_S.rowBytes(to.length), 64);
            RowCodecs.of(GgmlType.IQ3_S)
                    .quantize(
                            256,
                            to.length / 256,
                            arena.allocateFrom(JAVA_FLOAT, quotients),
                            MemorySegment.NULL,
                            packed);
            assertThat(bytes(file, name)).isEqualTo(packed.toArray(JAVA_BYTE));
        }
    }

    private static byte[] bytes(Path file, String name) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            TensorInfo tensor = tensor(model, name);
            byte[] bytes = new byte[(int) tensor.byteCount()];
            model.read(tensor, 0, MemorySegment.ofArray(bytes));
            return bytes;
        }
    }

    private static float[] floats(Path file, String name) throws IOException {
        byte[] bytes = bytes(file, name);
        try (GgufModel model = GgufModel.open(file);
                Arena arena = Arena.ofConfined()) {
            TensorInfo tensor = tensor(model, name);
            assertThat(tensor.type()).isEqualTo(GgmlType.IQ3_S);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, tensor.shape().elementCount());
            RowCodecs.of(tensor.type())
                    .dequantize(
                            tensor.shape().rowLength(),
                            tensor.shape().rowCount(),
                            arena.allocateFrom(JAVA_BYTE, bytes),
                            floats);
            return floats.toArray(JAVA_FLOAT);
        }
    }

    private static TensorInfo tensor(GgufModel model, String name) {
        return model.header().tensors().stream()
                .filter(any -> any.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "IQ3_S"})
    void theModelInMemoryIsTheWrittenOneAndThePredictionIsOfIt(FileType type) throws IOException {
        Path file = write(type, CHOSEN, "out.gguf", 2).files().getFirst();
        try (Extrapolator pair = Extrapolator.open(SFT.get(type), ALIGNED.get(type));
                LiveModel live = LiveModel.open(pair, CHOSEN, WorkOptions.defaults());
                LlamaModel written =
                        LlamaModel.load(file, LoadOptions.defaults().withRepacking(false))) {
            assertThat(logits(live.model())).isEqualTo(logits(written));
            RealisedAlpha predicted = RealisedAlpha.of(pair.predict(pair.plan(CHOSEN), WorkOptions.defaults()))
                    .orElseThrow();
            RealisedAlpha measured = realised(type, CHOSEN);
            assertThat(predicted.realised()).isCloseTo(measured.realised(), within(0.02));
            assertThat(predicted.factor()).isCloseTo(measured.factor(), within(0.002));
        }
    }

    private static float[] logits(LlamaModel model) {
        try (LlamaContext context = LlamaContext.open(
                model, ContextOptions.defaults().withContextTokens(256).withThreads(1))) {
            return context.logits(context.model().tokenize("The capital of Chile"));
        }
    }
}
