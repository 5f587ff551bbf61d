package io.github.expogguf.run.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.cli.Main;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.recipe.RepeatedRecipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of a low rank, beside those that a plain singular value decomposition gives. */
class LowRankRunTest {

    private static final Sizes SIZES = Sizes.of(2, 64, 128, 4, 2);
    private static final float ALPHA = 2;

    @TempDir
    Path directory;

    private Path write(TinyModel model, String name, TensorValues values) {
        return model.write(directory.resolve(name), values);
    }

    private Extrapolator pair(TinyModel model) throws IOException {
        TensorValues sft = TensorValues.random(1);
        return Extrapolator.open(
                write(model, "sft.gguf", sft), write(model, "aligned.gguf", TensorValues.near(sft, 2)));
    }

    private static PlanOptions options(int rank) {
        return PlanOptions.builder()
                .alpha(ALPHA)
                .fileType(FileType.F32)
                .rank(rank)
                .build();
    }

    private Path extrapolated(Extrapolator pair, PlanOptions options, String name, int threads) throws IOException {
        Path output = directory.resolve(name);
        pair.write(options, output, OutputOptions.defaults().withThreads(threads));
        return output;
    }

    private static float[] read(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return GgmlFloats.of(model, info(model, tensor));
        }
    }

    private static TensorInfo info(GgufModel model, String name) {
        return model.header().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** As documented; 4 bytes for every row and every column, for each of the rank's directions. */
    @Test
    void theTemporaryFileOfTheFactorsIsForeseen() throws IOException {
        try (Extrapolator pair = pair(TinyModels.llama(SIZES))) {
            long expected = pair.plan(options(3)).tasks().stream()
                    .filter(task -> task instanceof TensorTask.Extrapolate each
                            && each.operands().rank() > 0)
                    .mapToLong(task -> 4
                            * 3
                            * Arrays.stream(task.aligned().shape().dimensions()).sum())
                    .sum();

            assertThat(pair.temporaryBytes(pair.plan(options(3))))
                    .isEqualTo(expected)
                    .isPositive();
            assertThat(pair.temporaryBytes(pair.plan(options(0)))).isZero();
        }
    }

    /** A column is no more a matrix than a row is. */
    @Test
    void rowsAndColumnsAreVectors() throws IOException {
        TinyModel model = TinyModels.llama(SIZES).with("a", GgmlType.F32, 64, 1).with("b", GgmlType.F32, 1, 64);
        try (Extrapolator pair = pair(model)) {
            for (String name : List.of("a", "b")) {
                assertThat(pair.plan(options(3)).tasks())
                        .filteredOn(task -> task.aligned().name().equals(name))
                        .singleElement()
                        .isInstanceOfSatisfying(
                                TensorTask.Copy.class,
                                copy -> assertThat(copy.reason()).isEqualTo("a vector, and the rank is of matrices"));
            }
        }
    }

    /** Singular values of columns, falling, by rotations of Jacobi's on one side. */
    private static double[] singularValues(float[] matrix, int rows, int columns) {
        double[][] column = new double[columns][rows];
        for (int i = 0; i < rows * columns; i++) {
            column[i % columns][i / columns] = matrix[i];
        }
        for (int sweep = 0; sweep < 30; sweep++) {
            for (int p = 0; p < columns; p++) {
                for (int q = p + 1; q < columns; q++) {
                    rotate(column[p], column[q]);
                }
            }
        }
        return Arrays.stream(column)
                .mapToDouble(each -> Math.sqrt(product(each, each)))
                .map(value -> -value)
                .sorted()
                .map(value -> -value)
                .toArray();
    }

    private static void rotate(double[] left, double[] right) {
        double between = product(left, right);
        if (between == 0) {
            return;
        }
        double zeta = (product(right, right) - product(left, left)) / (2 * between);
        double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
        double cosine = 1 / Math.hypot(1, tangent);
        double sine = cosine * tangent;
        for (int i = 0; i < left.length; i++) {
            double before = left[i];
            left[i] = cosine * before - sine * right[i];
            right[i] = sine * before + cosine * right[i];
        }
    }

    private static double product(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }

    private static double tail(double[] singularValues, int from) {
        double squares = 0;
        for (int i = from; i < singularValues.length; i++) {
            squares += singularValues[i] * singularValues[i];
        }
        return Math.sqrt(squares);
    }

    /**
     * No matrix of rank k is closer to a delta than what the k first singular values leave; the step is within one
     * per cent of that, and has no further directions.
     */
    private void isTheBestStep(float[] from, float[] to, float[] result, int rows, int columns, int rank) {
        float[] delta = new float[to.length];
        float[] step = new float[to.length];
        float[] left = new float[to.length];
        for (int i = 0; i < to.length; i++) {
            delta[i] = to[i] - from[i];
            step[i] = (result[i] - to[i]) / ALPHA;
            left[i] = delta[i] - step[i];
        }
        double best = tail(singularValues(delta, rows, columns), rank);
        assertThat(tail(singularValues(left, rows, columns), 0)).isBetween(best * 0.9999, best * 1.01);
        double[] ofStep = singularValues(step, rows, columns);
        assertThat(tail(ofStep, rank)).isLessThan(1e-3 * ofStep[0]);
        assertThat(ofStep[rank - 1]).isGreaterThan(0.1 * ofStep[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void isTheBestStepOfItsRank(int rank) throws IOException {
        String heads = "blk.0.attn_k_b.weight"; // of latent attention
        TinyModel model = TinyModels.llama(SIZES.withExperts(2)).with(heads, GgmlType.F32, 32, 24, 3);
        try (Extrapolator pair = pair(model)) {
            Path output = extrapolated(pair, options(rank), "out.gguf", 2);
            for (String name : List.of("blk.0.attn_k.weight", "blk.1.ffn_down_exps.weight", heads)) {
                TensorInfo tensor;
                try (GgufModel file = GgufModel.open(output)) {
                    tensor = info(file, name);
                }
                int columns = (int) tensor.shape().rowLength();
                int rows = (int) tensor.shape().dimension(1);
                float[] from = read(directory.resolve("sft.gguf"), name);
                float[] to = read(directory.resolve("aligned.gguf"), name);
                float[] result = read(output, name);
                for (int at = 0; at < to.length; at += rows * columns) { // each expert or head
                    int end = at + rows * columns;
                    isTheBestStep(
                            Arrays.copyOfRange(from, at, end),
                            Arrays.copyOfRange(to, at, end),
                            Arrays.copyOfRange(result, at, end),
                            rows,
                            columns,
                            rank);
                }
            }
            assertThat(read(output, "output_norm.weight"))
                    .isEqualTo(read(directory.resolve("aligned.gguf"), "output_norm.weight"));
        }
    }

    @Test
    void hasTheSameBytesOnAnyNumberOfThreads() throws IOException {
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            Path one = extrapolated(pair, options(3), "one.gguf", 1);
            Path two = extrapolated(pair, options(3), "two.gguf", 2);
            assertThat(Files.mismatch(one, two)).isEqualTo(-1);
        }
    }

    @Test
    void isPlainExpoWhereNothingIsLeftOut() throws IOException {
        try (Extrapolator pair = pair(TinyModels.llama(SIZES))) {
            PlanOptions withVectors = options(128).toBuilder()
                    .alphaRules(List.of(TensorAlphaRule.parse("norm=*1")))
                    .build();
            Path all = extrapolated(pair, options(0), "all.gguf", 2);
            Path rank = extrapolated(pair, withVectors, "rank.gguf", 2);
            try (GgufModel file = GgufModel.open(all)) {
                for (TensorInfo tensor : file.header().tensors()) {
                    assertThat(read(rank, tensor.name())).as(tensor.name()).isEqualTo(read(all, tensor.name()));
                }
            }
        }
    }

    /** One below the full rank: everything goes through the factors, and the smallest direction is missing. */
    @Test
    void comesCloseToPlainExpoWithNearlyAllDirections() throws IOException {
        try (Extrapolator pair = pair(TinyModels.llama(SIZES))) {
            float[] aligned = read(directory.resolve("aligned.gguf"), "blk.0.ffn_up.weight");
            float[] all = read(extrapolated(pair, options(0), "all.gguf", 2), "blk.0.ffn_up.weight");
            float[] rank = read(extrapolated(pair, options(63), "rank.gguf", 2), "blk.0.ffn_up.weight");
            double missing = 0;
            double step = 0;
            for (int i = 0; i < all.length; i++) {
                missing += Math.pow(all[i] - rank[i], 2);
                step += Math.pow(all[i] - aligned[i], 2);
            }
            assertThat(Math.sqrt(missing / step)).isLessThan(0.06);
        }
    }

    @Test
    void isVerifiedAndRepeated() throws IOException {
        try (Extrapolator pair = pair(TinyModels.llama(SIZES))) {
            Path output = extrapolated(pair, options(2), "out.gguf", 2);
            assertThat(RepeatedRecipe.read(output).options()).isEqualTo(options(2));
            Ingredients<Path> inputs =
                    Ingredients.pair(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf"));
            VerificationReport report = Verifier.verify(output, inputs, WorkOptions.defaults());
            assertThat(report.findings()).isEmpty();
            assertThat(report.recomputed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q4_K_M"})
    void hasTheLogitsOfTheWrittenFileInMemory(String type) throws IOException {
        PlanOptions options = options(2).toBuilder().fileType(type).build();
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
                LiveModel live = LiveModel.open(pair, options.withAlpha(0), WorkOptions.defaults())) {
            for (float alpha : new float[] {3, 1, 0}) {
                live.setAlpha(alpha);
                Path file = extrapolated(pair, options.withAlpha(alpha), alpha + ".gguf", 2);
                try (LlamaModel written =
                        LlamaModel.load(file, LoadOptions.defaults().withRepacking(false))) {
                    assertThat(logits(live.model())).isEqualTo(logits(written));
                }
            }
        }
    }

    private static float[] logits(LlamaModel model) {
        ContextOptions small = ContextOptions.defaults().withContextTokens(256).withThreads(1);
        try (LlamaContext context = LlamaContext.open(model, small)) {
            return context.logits(context.model().tokenize("The capital of Chile"));
        }
    }

    @Test
    void refusesWhatIsNoMatrixByName() throws IOException {
        TinyModel model = TinyModels.llama(SIZES).with("blk.0.shortconv.conv.weight", GgmlType.F32, 8, 8, 8);
        try (Extrapolator pair = pair(model)) {
            assertThatThrownBy(() -> pair.plan(options(2)))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageContaining("'blk.0.shortconv.conv.weight' of shape 8x8x8 is neither a matrix")
                    .hasMessageContaining("the rule 'blk.0.shortconv.conv.weight=copy' leaves it as it is");
            PlanOptions copied = options(2).toBuilder()
                    .alphaRules(List.of(TensorAlphaRule.parse("blk.0.shortconv.conv.weight=copy")))
                    .build();
            assertThat(pair.plan(copied).tasks()).isNotEmpty();
        }
    }

    @Test
    void saysWhereTheFactorsCouldNotBeWritten() throws Exception {
        String missing = directory.resolve("missing").toString();
        ChildJvm jvm = ChildJvm.run(
                Map.of(),
                List.of("-Djava.io.tmpdir=" + missing),
                Main.class,
                "extrapolate",
                "--sft",
                DemoFiles.SFT.toString(),
                "--aligned",
                DemoFiles.ALIGNED.toString(),
                "--rank",
                "2",
                "-o",
                directory.resolve("out.gguf").toString());

        assertThat(jvm.exitCode()).isEqualTo(5);
        assertThat(jvm.errors())
                .contains("expo-gguf: error: " + missing + ": the factors of the deltas could not be written there: ")
                .contains("names another directory");
    }

    @Test
    void refusesRanksThatCannotBe() {
        assertThatThrownBy(() -> options(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rank -1, expected 0 to 4096");
    }
}
