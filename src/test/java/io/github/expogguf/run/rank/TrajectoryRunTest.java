package io.github.expogguf.run.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.recipe.RepeatedRecipe;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.Ingredients.Checkpoint;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models predicted from checkpoints, beside what is known of synthetic training runs. */
class TrajectoryRunTest {

    private static final Sizes SIZES = Sizes.of(2, 64, 128, 4, 2);
    private static final TinyModel LLAMA = TinyModels.llama(SIZES);
    private static final double[] STEPS = {0, 100, 250, 300};

    @TempDir
    Path directory;

    /** Where a run is at a step: along one direction, and somewhere beside it. */
    private record Run(TensorValues start, List<Double> coefficients, double noise) {

        TensorValues at(int checkpoint) {
            return tensor -> {
                float[] values = start.of(tensor);
                float[] direction = difference(tensor, 2);
                float[] beside = difference(tensor, 10 + checkpoint);
                for (int i = 0; i < values.length; i++) {
                    double noisy = checkpoint == 0 ? 0 : noise * beside[i];
                    values[i] = (float) (values[i] + coefficients.get(checkpoint) * direction[i] + noisy);
                }
                return values;
            };
        }

        private float[] difference(TensorSpec tensor, long seed) {
            float[] from = start.of(tensor);
            float[] to = TensorValues.near(start, seed).of(tensor);
            for (int i = 0; i < to.length; i++) {
                to[i] -= from[i];
            }
            return to;
        }
    }

    private static final Run LINE = new Run(TensorValues.random(1), List.of(0.0, 1.0, 2.5, 3.0), 0);
    private static final Run BENT = new Run(TensorValues.random(1), List.of(0.0, 1.2, 2.2, 2.4), 0.3);

    private List<Checkpoint<Path>> checkpoints(TinyModel model, Run run) {
        List<Checkpoint<Path>> checkpoints = new ArrayList<>();
        for (int i = 0; i < STEPS.length; i++) {
            Path file = directory.resolve("step-" + (int) STEPS[i] + ".gguf");
            checkpoints.add(new Checkpoint<>(STEPS[i], model.write(file, run.at(i))));
        }
        return checkpoints;
    }

    private Extrapolator open(TinyModel model, Run run) throws IOException {
        return Extrapolator.open(Ingredients.checkpoints(checkpoints(model, run)));
    }

    private static PlanOptions options(double step) {
        return PlanOptions.builder().toStep(step).fileType(FileType.F32).build();
    }

    private ExpoReport write(Extrapolator models, PlanOptions options, String name, int threads) throws IOException {
        return models.write(
                options, directory.resolve(name), OutputOptions.defaults().withThreads(threads));
    }

    private float[] read(String file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(directory.resolve(file))) {
            TensorInfo info = model.header().tensors().stream()
                    .filter(each -> each.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            return GgmlFloats.of(model, info);
        }
    }

    private static List<String> names(TinyModel model) {
        return model.tensors().stream().map(tensor -> tensor.name()).toList();
    }

    private static double distance(float[] one, float[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += Math.pow((double) one[i] - other[i], 2);
        }
        return Math.sqrt(squares / one.length);
    }

    @Test
    void predictsAStraightLineExactly() throws IOException {
        Run further = new Run(LINE.start(), List.of(5.0), 0);
        LLAMA.write(directory.resolve("true.gguf"), further.at(0));
        try (Extrapolator models = open(LLAMA, LINE)) {
            ExpoReport report = write(models, options(500), "out.gguf", 2);
            for (String name : names(LLAMA)) {
                float[] expected = read("true.gguf", name);
                double way = distance(expected, read("step-300.gguf", name));
                assertThat(distance(read("out.gguf", name), expected)).as(name).isLessThan(2e-5 * way);
            }
            assertThat(TrajectoryFit.share(report.fits().values())).isCloseTo(1, within(1e-9));
            assertThat(TrajectoryFit.rSquared(report.fits().values()).orElseThrow())
                    .isCloseTo(1, within(1e-9));
            assertThat(report.fits().keySet()).containsExactlyElementsOf(names(LLAMA));
            assertThat(report.realised().orElseThrow().share()).isCloseTo(1, within(1e-3));
        }
    }

    /** The first direction by power iteration on the deltas themselves, and the line by its normal equations. */
    private static double[] predicted(float[] first, List<float[]> later, double[] steps, double step) {
        int size = first.length;
        double[] direction = new double[size];
        for (int i = 0; i < size; i++) {
            direction[i] = (double) later.getLast()[i] - first[i];
        }
        double[] coefficients = new double[later.size()];
        for (int round = 0; round < 300; round++) {
            double norm = 0;
            for (double each : direction) {
                norm += each * each;
            }
            double[] next = new double[size];
            for (int model = 0; model < coefficients.length; model++) {
                coefficients[model] = 0;
                for (int i = 0; i < size; i++) {
                    double delta = (double) later.get(model)[i] - first[i];
                    coefficients[model] += delta * direction[i] / Math.sqrt(norm);
                }
                for (int i = 0; i < size; i++) {
                    next[i] += coefficients[model] * ((double) later.get(model)[i] - first[i]);
                }
            }
            direction = next;
        }
        double norm = 0;
        for (double each : direction) {
            norm += each * each;
        }
        double n = steps.length;
        double x = 0;
        double y = 0;
        double xx = 0;
        double xy = 0;
        for (int i = 0; i < steps.length; i++) {
            x += steps[i];
            y += coefficients[i];
            xx += steps[i] * steps[i];
            xy += steps[i] * coefficients[i];
        }
        double slope = (n * xy - x * y) / (n * xx - x * x);
        double at = (y - slope * x) / n + slope * step;
        double[] result = new double[size];
        for (int i = 0; i < size; i++) {
            result[i] = first[i] + at * direction[i] / Math.sqrt(norm);
        }
        return result;
    }

    @ParameterizedTest
    @ValueSource(doubles = {450, 3000, 120, -50})
    void predictsWhatAnIndependentComputationDoes(double step) throws IOException {
        TinyModel model = TinyModels.llama(SIZES.withExperts(2));
        try (Extrapolator models = open(model, BENT)) {
            write(models, options(step), "out.gguf", 2);
        }
        double[] later = {100, 250, 300};
        for (String name : names(model)) {
            List<float[]> values = new ArrayList<>();
            for (double each : later) {
                values.add(read("step-" + (int) each + ".gguf", name));
            }
            double[] expected = predicted(read("step-0.gguf", name), values, later, step);
            float[] actual = read("out.gguf", name);
            for (int i = 0; i < actual.length; i++) {
                assertThat((double) actual[i]).as(name).isCloseTo(expected[i], within(5e-7));
            }
        }
    }

    @Test
    void tellsHowMuchTheFirstDirectionHolds() throws IOException {
        try (Extrapolator models = open(LLAMA, BENT)) {
            TrajectoryFit fit =
                    write(models, options(500), "out.gguf", 2).fits().get("blk.0.ffn_up.weight");
            double line = 1.2 * 1.2 + 2.2 * 2.2 + 2.4 * 2.4;
            double expected = (line + 0.09) / (line + 3 * 0.09); // of noise, a third lies along any direction
            assertThat(fit.share()).isCloseTo(expected, within(0.01));
            assertThat(fit.rSquared().orElseThrow()).isBetween(0.9, 0.995);
            double[] shape = {1.2, 2.2, 2.4};
            for (int i = 0; i < shape.length; i++) {
                assertThat(fit.coefficients().get(i) / fit.coefficients().getLast())
                        .isCloseTo(shape[i] / 2.4, within(0.03));
            }
        }
    }

    /** The last checkpoint is left out of the independent computation, and measured against what that predicts. */
    @Test
    void tellsHowFarTheLastCheckpointIsFromWhatTheOthersPredict() throws IOException {
        try (Extrapolator models = open(LLAMA, BENT)) {
            Map<String, TrajectoryFit> fits = models.fit(models.plan(options(500)), WorkOptions.defaults());
            assertThat(fits.keySet()).containsExactlyElementsOf(names(LLAMA));
            for (String name : names(LLAMA)) {
                float[] before = read("step-250.gguf", name);
                float[] last = read("step-300.gguf", name);
                double[] expected = predicted(
                        read("step-0.gguf", name),
                        List.of(read("step-100.gguf", name), before),
                        new double[] {100, 250},
                        300);
                double missed = 0;
                double moved = 0;
                for (int i = 0; i < last.length; i++) {
                    missed += Math.pow(last[i] - expected[i], 2);
                    moved += Math.pow((double) last[i] - before[i], 2);
                }
                TrajectoryFit.HeldOut heldOut = fits.get(name).heldOut().orElseThrow();
                assertThat(heldOut.missed()).as(name).isCloseTo(missed, within(1e-6 * missed));
                assertThat(heldOut.moved()).as(name).isCloseTo(moved, within(1e-6 * moved));
            }
        }
        try (Extrapolator models = Extrapolator.open(
                Ingredients.checkpoints(checkpoints(LLAMA, LINE).subList(0, 3)))) {
            assertThat(models.fit(models.plan(options(500)), WorkOptions.defaults())
                            .values())
                    .allMatch(fit -> fit.heldOut().isEmpty());
        }
    }

    @Test
    void hasTheSameBytesInAnyOrderOnAnyNumberOfThreads() throws IOException {
        List<Checkpoint<Path>> checkpoints = checkpoints(LLAMA, BENT);
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            write(models, options(500), "one.gguf", 1);
            write(models, options(500), "five.gguf", 5);
        }
        Collections.swap(checkpoints, 0, 3);
        Collections.swap(checkpoints, 1, 2);
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            write(models, options(500), "swapped.gguf", 2);
        }
        for (String other : List.of("five.gguf", "swapped.gguf")) {
            assertThat(Files.mismatch(directory.resolve("one.gguf"), directory.resolve(other)))
                    .as(other)
                    .isEqualTo(-1);
        }
    }

    @Test
    void isVerifiedAndRepeated() throws IOException {
        List<Checkpoint<Path>> checkpoints = checkpoints(LLAMA, BENT);
        Ingredients<Path> inputs = Ingredients.checkpoints(checkpoints);
        PlanOptions options = options(500).toBuilder().fileType(FileType.Q8_0).build();
        Path output = directory.resolve("out.gguf");
        try (Extrapolator models = Extrapolator.open(inputs)) {
            write(models, options, "out.gguf", 2);
        }
        assertThat(RepeatedRecipe.read(output).options()).isEqualTo(options);
        Ingredients<?> recorded = RepeatedRecipe.read(output).recipe().models();
        assertThat(recorded.trajectory().orElseThrow().firstStep()).isZero();
        assertThat(recorded.trajectory().orElseThrow().laterSteps()).containsExactly(100.0, 250.0, 300.0);
        VerificationReport report = Verifier.verify(output, inputs, WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();

        List<Checkpoint<Path>> confused = List.of(
                checkpoints.get(0),
                new Checkpoint<>(100, checkpoints.get(2).model()),
                new Checkpoint<>(250, checkpoints.get(1).model()),
                checkpoints.get(3));
        assertThat(problems(output, Ingredients.checkpoints(confused)))
                .contains("the checkpoint of step 100 and the checkpoint of step 250 are exchanged: ");
        assertThat(problems(output, Ingredients.checkpoints(checkpoints.subList(1, 4))))
                .contains("was made from 4 checkpoints, given were 3 checkpoints");
        assertThat(problems(
                        output,
                        Ingredients.pair(
                                checkpoints.get(0).model(), checkpoints.get(3).model())))
                .contains("was made from 4 checkpoints, given were the two models of a pair");
    }

    private static String problems(Path output, Ingredients<Path> inputs) throws IOException {
        VerificationReport report = Verifier.verify(output, inputs, WorkOptions.defaults());
        assertThat(report.passed()).isFalse();
        return report.findings().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q4_K_M"})
    void hasTheLogitsOfTheWrittenFileInMemory(String type) throws IOException {
        PlanOptions options = options(400).toBuilder().fileType(type).build();
        try (Extrapolator models = open(TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)), BENT);
                LiveModel live = LiveModel.open(models, options.withAlpha(0), WorkOptions.defaults())) {
            for (float alpha : new float[] {1, 0.5f, 0}) {
                live.setAlpha(alpha);
                write(models, options.withAlpha(alpha), alpha + ".gguf", 2);
                try (LlamaModel written = LlamaModel.load(
                        directory.resolve(alpha + ".gguf"),
                        LoadOptions.defaults().withRepacking(false))) {
                    assertThat(logits(live.model())).isEqualTo(logits(written));
                }
            }
        }
    }

    private static float[] logits(LlamaModel model) {
        ContextOptions small = ContextOptions.defaults().withContextTokens(64).withThreads(1);
        try (LlamaContext context = LlamaContext.open(model, small)) {
            return context.logits(context.model().tokenize("a b c"));
        }
    }

    @Test
    void copiesWhatWasFrozen() throws IOException {
        Run frozen = new Run(LINE.start(), LINE.coefficients(), 0);
        TensorValues start = TensorValues.random(1);
        List<Checkpoint<Path>> checkpoints = new ArrayList<>();
        for (int i = 0; i < STEPS.length; i++) {
            TensorValues moved = frozen.at(i);
            Path file = directory.resolve("step-" + (int) STEPS[i] + ".gguf");
            LLAMA.write(file, tensor -> (tensor.name().contains("norm") ? start : moved).of(tensor));
            checkpoints.add(new Checkpoint<>(STEPS[i], file));
        }
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            ExpoReport report = write(models, options(500), "out.gguf", 2);
            assertThat(report.identical()).hasSize(5).allMatch(name -> name.contains("norm"));
            assertThat(report.fits()).doesNotContainKey("output_norm.weight").containsKey("output.weight");
            assertThat(read("out.gguf", "output_norm.weight")).isEqualTo(read("step-300.gguf", "output_norm.weight"));
        }
    }

    /** The first and the last are the same, and what lies between is not. */
    @Test
    void sumsWhatCameBack() throws IOException {
        Run back = new Run(LINE.start(), List.of(0.0, 1.0, 2.0, 0.0), 0);
        try (Extrapolator models = open(LLAMA, back)) {
            ExpoReport report = write(models, options(400), "out.gguf", 2);
            assertThat(report.identical()).isEmpty();
        }
        float[] first = read("step-0.gguf", "output.weight");
        float[] out = read("out.gguf", "output.weight");
        assertThat(distance(out, first)).isPositive();
    }

    /** Decay rates are trained as logarithms: there the line is straight. */
    @Test
    void goesStraightInTheParametersThatWereTrained() throws IOException {
        TinyModel model = TinyModels.mamba(SIZES);
        TensorValues start = TensorValues.random(1);
        for (int i = 0; i <= 4; i++) {
            float factor = i;
            model.write(directory.resolve("mamba-" + i + ".gguf"), tensor -> {
                float[] values = start.of(tensor);
                for (int at = 0; at < values.length; at++) {
                    values[at] = tensor.name().endsWith("ssm_a")
                            ? (float) (values[at] * Math.exp(0.01 * factor * Math.sin(at + 1)))
                            : values[at] + 0.001f * factor * (at % 7);
                }
                return values;
            });
        }
        List<Checkpoint<Path>> checkpoints = Stream.of(0, 1, 2)
                .map(i -> new Checkpoint<>(i, directory.resolve("mamba-" + i + ".gguf")))
                .toList();
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            write(models, options(4), "out.gguf", 2);
        }
        float[] expected = read("mamba-4.gguf", "blk.0.ssm_a");
        assertThat(distance(read("out.gguf", "blk.0.ssm_a"), expected)).isLessThan(1e-6);
    }

    @Test
    void readsQuantizedCheckpointsAndKeepsRules() throws IOException {
        TinyModel model = TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)).withMatrices(GgmlType.Q8_0);
        PlanOptions options = options(400).toBuilder()
                .alphaRules(List.of(TensorAlphaRule.parse("norm=copy"), TensorAlphaRule.parse("attn_q=*0.5")))
                .build();
        try (Extrapolator models = open(model, BENT)) {
            write(models, options(400), "all.gguf", 2);
            write(models, options, "out.gguf", 2);
        }
        assertThat(read("out.gguf", "output_norm.weight")).isEqualTo(read("step-300.gguf", "output_norm.weight"));
        assertThat(read("out.gguf", "output.weight")).isEqualTo(read("all.gguf", "output.weight"));
        float[] half = read("out.gguf", "blk.0.attn_q.weight");
        float[] last = read("step-300.gguf", "blk.0.attn_q.weight");
        float[] whole = read("all.gguf", "blk.0.attn_q.weight");
        for (int i = 0; i < half.length; i++) {
            assertThat(half[i] - last[i]).isCloseTo((whole[i] - last[i]) / 2, within(5e-8f));
        }
    }

    @Test
    void addsFurtherDeltas() throws IOException {
        List<Checkpoint<Path>> checkpoints = checkpoints(LLAMA, BENT);
        Path other = LLAMA.write(directory.resolve("other.gguf"), TensorValues.near(TensorValues.random(1), 99));
        Ingredients<Path> inputs = Ingredients.checkpoints(checkpoints)
                .withDeltas(List.of(new Ingredients.Delta<>(checkpoints.get(0).model(), other, 0.5f)));
        try (Extrapolator models = Extrapolator.open(inputs)) {
            write(models, options(400), "out.gguf", 2);
        }
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            write(models, options(400), "without.gguf", 2);
        }
        float[] with = read("out.gguf", "output.weight");
        float[] without = read("without.gguf", "output.weight");
        float[] from = read("step-0.gguf", "output.weight");
        float[] to = read("other.gguf", "output.weight");
        for (int i = 0; i < with.length; i++) {
            assertThat(with[i]).isCloseTo(without[i] + (to[i] - from[i]) / 2, within(5e-8f));
        }
        assertThat(Verifier.verify(directory.resolve("out.gguf"), inputs, WorkOptions.defaults())
                        .passed())
                .isTrue();
    }

    @Test
    void leavesNothingWhereItIsCancelled() throws IOException {
        try (Extrapolator models = open(LLAMA, BENT)) {
            Cancellation cancellation = new Cancellation();
            OutputOptions how = OutputOptions.defaults()
                    .withCancellation(cancellation)
                    .withListener(progress -> {
                        if (progress.stage() == Progress.Stage.FIT && progress.done() > 0) {
                            cancellation.cancel();
                        }
                    });
            assertThatThrownBy(() -> models.write(options(500), directory.resolve("out.gguf"), how))
                    .isInstanceOf(CancelledException.class);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder("step-0.gguf", "step-100.gguf", "step-250.gguf", "step-300.gguf");
            }
        }
    }

    @Test
    void namesTheCheckpointThatHoldsNan() throws IOException {
        List<Checkpoint<Path>> checkpoints = checkpoints(LLAMA, LINE);
        LLAMA.write(checkpoints.get(1).model(), tensor -> {
            float[] values = LINE.at(1).of(tensor);
            if (tensor.name().equals("output.weight")) {
                values[7] = Float.NaN;
            }
            return values;
        });
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            assertThatThrownBy(() -> write(models, options(500), "out.gguf", 2))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage("step-100.gguf: tensor 'output.weight': the difference from the first checkpoint holds"
                            + " NaN or infinity");
        }
    }

    @Test
    void refusesCheckpointsOfAnotherShape() throws IOException {
        List<Checkpoint<Path>> checkpoints = checkpoints(LLAMA, LINE);
        TinyModels.llama(Sizes.of(2, 64, 192, 4, 2)).write(checkpoints.get(1).model(), LINE.at(1));
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints))) {
            assertThatThrownBy(() -> models.plan(options(500)))
                    .isInstanceOf(ModelMismatchException.class)
                    .hasMessageContaining("step-100.gguf")
                    .hasMessageContaining("blk.0.ffn_up.weight");
        }
    }

    @Test
    void notesStepsThatAreNotSoonAfterTheLast() throws IOException {
        try (Extrapolator models = open(LLAMA, LINE)) {
            Map<Double, List<String>> notes = Map.of(
                    400.0,
                    List.of(),
                    200.0,
                    List.of("step 200 does not lie beyond the last checkpoint, of step 300: what is written is"
                            + " smoothed, and not extrapolated"),
                    -10.0,
                    List.of("step -10 lies before the first checkpoint, of step 0"),
                    1500.0,
                    List.of("step 1500 lies 4 times as far beyond the last checkpoint, of step 300, as that is from"
                            + " the first: no checkpoint has shown that training goes straight on so far"));
            notes.forEach((step, expected) ->
                    assertThat(models.plan(options(step)).notes()).isEqualTo(expected));
        }
    }

    @Test
    void refusesWhatDoesNotGoTogether() throws IOException {
        List<Checkpoint<Path>> checkpoints = checkpoints(LLAMA, LINE);
        assertThatThrownBy(() -> Ingredients.checkpoints(checkpoints.subList(0, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 checkpoints, expected three or more; two are a pair, with alpha (to - last) /"
                        + " (last - first) for the model at a step");
        assertThatThrownBy(() -> Ingredients.checkpoints(
                        List.of(checkpoints.get(0), checkpoints.get(1), new Checkpoint<>(100, Path.of("b.gguf")))))
                .hasMessage("two checkpoints of step 100: " + checkpoints.get(1).model() + " and b.gguf");
        assertThatThrownBy(() -> new Checkpoint<>(Double.NaN, Path.of("a")))
                .hasMessage("step is NaN, expected a finite number");
        assertThatThrownBy(() -> Ingredients.checkpoints(checkpoints)
                        .withAdapters(List.of(new Ingredients.Adapter<>(Path.of("lora.gguf"), 1))))
                .hasMessage("adapters change one checkpoint, and not those before it: make whole models of them first");
        assertThatThrownBy(() -> PlanOptions.builder().toStep(5).rank(3).build())
                .hasMessage("rank 3 is of the delta of a pair; the deltas of checkpoints have one direction already");
        try (Extrapolator models = Extrapolator.open(Ingredients.checkpoints(checkpoints));
                Extrapolator pair = Extrapolator.open(
                        checkpoints.get(0).model(), checkpoints.get(1).model())) {
            assertThatThrownBy(() -> models.plan(PlanOptions.defaults()))
                    .hasMessage("the models are checkpoints of a training run, and no step is said that is to be"
                            + " predicted");
            assertThatThrownBy(() -> pair.plan(options(5)))
                    .hasMessage("step 5 is to be predicted, but the models are no checkpoints of a training run");
        }
    }

    @Test
    void sharesOnePassBetweenSteps() throws IOException {
        try (Extrapolator models = open(LLAMA, BENT)) {
            List<Extrapolator.Output> outputs = Stream.of(400, 600)
                    .map(step -> new Extrapolator.Output(options(step), directory.resolve("to-" + step + ".gguf")))
                    .toList();
            models.writeAll(outputs, OutputOptions.defaults());
            for (int step : List.of(400, 600)) {
                write(models, options(step), "alone.gguf", 2);
                assertThat(Files.mismatch(directory.resolve("alone.gguf"), directory.resolve("to-" + step + ".gguf")))
                        .isEqualTo(-1);
                Files.delete(directory.resolve("alone.gguf"));
            }
            assertThat(models.plan(options(400)).tasks()).allMatch(TensorTask.Extrapolate.class::isInstance);
        }
    }
}
