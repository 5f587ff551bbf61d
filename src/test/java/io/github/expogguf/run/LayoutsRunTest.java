package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
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
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.Layouts;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pairs whose models have the same weights in different layouts. */
class LayoutsRunTest {

    private static final float ALPHA = 0.4f;

    /** The cache has the keys and values in one layout, what they are computed from in the other, rounded to F16. */
    private static final float LOGITS = 5e-3f;

    @TempDir
    Path directory;

    private static Map<String, Supplier<Layouts.Pair>> layouts() {
        Map<String, Supplier<Layouts.Pair>> layouts = new LinkedHashMap<>();
        layouts.put("attention", Layouts::attention);
        layouts.put("experts", Layouts::experts);
        layouts.put("gated", Layouts::gated);
        layouts.put("single experts", Layouts::singleExperts);
        layouts.put("mixing", Layouts::mixing);
        layouts.put("linear attention", Layouts::linearAttention);
        layouts.put("latent attention", Layouts::latentAttention);
        layouts.put("latent attention with experts", Layouts::latentAttentionWithExperts);
        return layouts;
    }

    static Stream<Arguments> layoutsTypesAndDirections() {
        return layouts().keySet().stream()
                .flatMap(layout -> Stream.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_K)
                        .flatMap(type -> Stream.of(true, false).map(isJoined -> Arguments.of(layout, type, isJoined))));
    }

    static Stream<Arguments> layoutsAndDirections() {
        return layouts().keySet().stream()
                .flatMap(layout -> Stream.of(true, false).map(isJoined -> Arguments.of(layout, isJoined)));
    }

    /**
     * Two files in different layouts.
     *
     * @param asAligned values of the SFT model in the aligned model's layout
     */
    private record Given(Path sft, Path aligned, TinyModel alignedModel, UnaryOperator<TensorValues> asAligned) {}

    /** Vectors stay F32 where they are apart. */
    private static Layouts.Pair inOneType(String layout) {
        Layouts.Pair pair = layouts().get(layout).get();
        return layout.equals("mixing") ? pair : pair.withMatrices(GgmlType.F16, GgmlType.F16);
    }

    /** The SFT model in the aligned model's layout. */
    private Path writeInOneLayout(Given files) {
        return files.alignedModel.write(directory.resolve("same.gguf"), files.asAligned.apply(values(files.sft)));
    }

    /** @param isJoined whether the aligned model is the one with fewer tensors */
    private Given write(Layouts.Pair pair, boolean isJoined) {
        UnaryOperator<TensorValues> asAligned = isJoined ? pair::join : pair::takeApart;
        TinyModel sft = isJoined ? pair.apart() : pair.joined();
        TinyModel aligned = isJoined ? pair.joined() : pair.apart();
        TensorValues start = TensorValues.random(1);
        return new Given(
                sft.write(directory.resolve("sft.gguf"), start),
                aligned.write(directory.resolve("aligned.gguf"), TensorValues.near(asAligned.apply(start), 2)),
                aligned,
                asAligned);
    }

    private Path extrapolate(Given files, PlanOptions options, String name, OutputOptions how) throws IOException {
        Path output = directory.resolve(name);
        try (Extrapolator models = Extrapolator.open(files.sft, files.aligned)) {
            models.write(options, output, how);
        }
        return output;
    }

    private static PlanOptions.Builder options() {
        return PlanOptions.builder().alpha(ALPHA);
    }

    /** What a file holds, past our codecs. */
    private static TensorValues values(Path file) {
        return spec -> {
            try (GgufModel model = GgufModel.open(file)) {
                TensorInfo info = model.header().tensors().stream()
                        .filter(any -> any.name().equals(spec.name()))
                        .findFirst()
                        .orElseThrow();
                return GgmlFloats.of(model, info);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
    }

    private static float[] expected(float[] aligned, float[] sft, float alpha) {
        float[] result = new float[aligned.length];
        for (int i = 0; i < result.length; i++) {
            float delta = aligned[i] - sft[i];
            float step = alpha * delta;
            result[i] = aligned[i] + step;
        }
        return result;
    }

    private static void assertFormula(Given files, Path output) {
        TensorValues sft = files.asAligned.apply(values(files.sft));
        for (TensorSpec tensor : files.alignedModel.tensors()) {
            assertThat(values(output).of(tensor))
                    .as(tensor.name())
                    .isEqualTo(expected(values(files.aligned).of(tensor), sft.of(tensor), ALPHA));
        }
    }

    private static void assertProven(Given files, Path output) throws IOException {
        VerificationReport report =
                Verifier.verify(output, Ingredients.pair(files.sft, files.aligned), WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @ParameterizedTest(name = "{0} from {1}, aligned model joined: {2}")
    @MethodSource("layoutsTypesAndDirections")
    void everyValueEqualsTheFormula(String layout, GgmlType type, boolean isJoined) throws IOException {
        Layouts.Pair pair = layouts().get(layout).get();
        Given files = write(
                isJoined ? pair.withMatrices(type, GgmlType.F32) : pair.withMatrices(GgmlType.F32, type), isJoined);
        Path output = extrapolate(files, options().build(), "out.gguf", OutputOptions.defaults());
        assertFormula(files, output);
        assertProven(files, output);
    }

    @ParameterizedTest(name = "{0}, aligned model joined: {1}")
    @MethodSource("layoutsAndDirections")
    void bytesAreThoseOfAPairInOneLayoutForAnyNumberOfThreads(String layout, boolean isJoined) throws IOException {
        Given files = write(inOneType(layout), isJoined);
        Path sameLayout = writeInOneLayout(files);
        PlanOptions small = options()
                .fileType(FileType.Q4_K_M)
                .alphaRules(List.of(TensorAlphaRule.parse("_exps=0.7"), TensorAlphaRule.parse("attn=-0.2")))
                .build();
        Path one =
                extrapolate(files, small, "one.gguf", OutputOptions.defaults().withThreads(1));
        Path three =
                extrapolate(files, small, "three.gguf", OutputOptions.defaults().withThreads(3));
        assertThat(Files.mismatch(one, three)).isEqualTo(-1);
        Given plain = new Given(sameLayout, files.aligned, files.alignedModel, UnaryOperator.identity());
        Path reference = extrapolate(plain, small, "reference.gguf", OutputOptions.defaults());
        for (TensorSpec tensor : files.alignedModel.tensors()) {
            assertThat(values(one).of(tensor))
                    .as(tensor.name())
                    .isEqualTo(values(reference).of(tensor));
        }
        assertSameMeasurements(files, plain, small);
    }

    /** Comparison, sample and prediction do not depend on the layout either. */
    private static void assertSameMeasurements(Given files, Given plain, PlanOptions options) throws IOException {
        try (Extrapolator models = Extrapolator.open(files.sft, files.aligned);
                Extrapolator reference = Extrapolator.open(plain.sft, plain.aligned)) {
            PairComparison compared = models.compare(WorkOptions.defaults());
            assertThat(compared.differences()).isEmpty();
            assertThat(numbers(compared)).isEqualTo(numbers(reference.compare(WorkOptions.defaults())));
            assertThat(compared.remarks()).anyMatch(remark -> remark.text().contains("another layout"));
            assertThat(numbers(models.sample(1000, WorkOptions.defaults())))
                    .isEqualTo(numbers(reference.sample(1000, WorkOptions.defaults())));
            assertThat(models.predict(models.plan(options), WorkOptions.defaults()))
                    .isEqualTo(reference.predict(reference.plan(options), WorkOptions.defaults()));
        }
    }

    private static Map<String, Object> numbers(PairComparison comparison) {
        Map<String, Object> numbers = new HashMap<>();
        for (TensorDelta delta : comparison.tensors()) {
            numbers.put(delta.name(), List.of(delta.sums(), delta.median(), delta.p99(), delta.rankOneShare()));
        }
        return numbers;
    }

    @ParameterizedTest(name = "{0}, aligned model joined: {1}")
    @MethodSource("layoutsAndDirections")
    void theSameValuesInAnotherLayoutAreIdentical(String layout, boolean isJoined) throws IOException {
        Given written = write(inOneType(layout), isJoined);
        TensorValues same = written.asAligned.apply(values(written.sft));
        Path aligned = written.alignedModel.write(directory.resolve("equal.gguf"), same);
        try (Extrapolator models = Extrapolator.open(written.sft, aligned)) {
            Path output = directory.resolve("out.gguf");
            ExpoReport report = models.write(options().build(), output, OutputOptions.defaults());
            assertThat(report.extrapolated()).isZero();
            assertThat(report.identical()).hasSameSizeAs(written.alignedModel.tensors());
        }
        for (TensorSpec tensor : written.alignedModel.tensors()) {
            assertThat(values(directory.resolve("out.gguf")).of(tensor))
                    .as(tensor.name())
                    .isEqualTo(same.of(tensor));
        }
    }

    /** llama.cpp's answers to the same tokens; it computes in another order in another layout. */
    private static float[] logits(Path file) throws IOException {
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(model, ContextOptions.defaults())) {
            return context.logits(new int[] {1, 70, 80, 90});
        }
    }

    static Stream<Arguments> loadableLayouts() {
        return Stream.of("attention", "latent attention", "latent attention with experts")
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("loadableLayouts")
    void theLogitsAreTheSameWhicheverLayoutTheResultHas(String layout) throws IOException {
        Layouts.Pair pair = layouts().get(layout).get();
        TensorValues start = TensorValues.random(1);
        TensorValues end = TensorValues.near(start, 2);
        Path apartSft = pair.apart().write(directory.resolve("apart-sft.gguf"), start);
        Path joinedSft = pair.joined().write(directory.resolve("joined-sft.gguf"), pair.join(start));
        Path apart = pair.apart().write(directory.resolve("apart.gguf"), end);
        Path joined = pair.joined().write(directory.resolve("joined.gguf"), pair.join(end));
        Given toApart = new Given(joinedSft, apart, pair.apart(), pair::takeApart);
        Given toJoined = new Given(apartSft, joined, pair.joined(), pair::join);
        OutputOptions how = OutputOptions.defaults();
        float[] inApart = logits(extrapolate(toApart, options().build(), "out-apart.gguf", how));
        float[] inJoined = logits(extrapolate(toJoined, options().build(), "out-joined.gguf", how));
        float[] before = logits(apart);
        double changed = 0;
        for (int i = 0; i < inApart.length; i++) {
            assertThat(inApart[i]).isCloseTo(inJoined[i], within(LOGITS));
            changed = Math.max(changed, Math.abs(inApart[i] - before[i]));
        }
        assertThat(changed).isGreaterThan(10 * LOGITS);
    }

    @Test
    void theModelInMemoryIsTheWrittenOne() throws IOException {
        Given files = write(Layouts.latentAttention().withMatrices(GgmlType.Q8_0, GgmlType.F16), true);
        PlanOptions options = options().fileType(FileType.F16).build();
        Path output = extrapolate(files, options, "out.gguf", OutputOptions.defaults());
        LoadOptions load = LoadOptions.defaults().withRepacking(false);
        try (Extrapolator models = Extrapolator.open(files.sft, files.aligned);
                LiveModel live = LiveModel.open(models, options.withAlpha(0), WorkOptions.defaults(), load)) {
            live.setAlpha(ALPHA);
            try (LlamaContext context = LlamaContext.open(live.model(), ContextOptions.defaults());
                    LlamaModel model = LlamaModel.load(output, load);
                    LlamaContext written = LlamaContext.open(model, ContextOptions.defaults())) {
                int[] tokens = {1, 70, 80, 90};
                assertThat(context.logits(tokens)).isEqualTo(written.logits(tokens));
            }
        }
    }

    @Test
    void furtherDifferencesMayHaveAnyLayout() throws IOException {
        Layouts.Pair pair = Layouts.latentAttention();
        Given files = write(pair, true);
        TensorValues start = TensorValues.random(1);
        Path apart = pair.apart().write(directory.resolve("a.gguf"), TensorValues.near(start, 7));
        Path joined = pair.joined().write(directory.resolve("b.gguf"), TensorValues.near(pair.join(start), 8));
        Path output = directory.resolve("out.gguf");
        List<Ingredients.Delta<Path>> deltas =
                List.of(new Ingredients.Delta<>(apart, joined, 0.5f), new Ingredients.Delta<>(joined, apart, -0.25f));
        try (Extrapolator models =
                Extrapolator.open(Ingredients.pair(files.sft, files.aligned).withDeltas(deltas))) {
            models.write(options().build(), output, OutputOptions.defaults());
        }
        TensorValues sft = pair.join(values(files.sft));
        TensorValues relaid = pair.join(values(apart));
        for (TensorSpec tensor : pair.joined().tensors()) {
            float[] expected = expected(values(files.aligned).of(tensor), sft.of(tensor), ALPHA);
            float[] left = relaid.of(tensor);
            float[] right = values(joined).of(tensor);
            for (int i = 0; i < expected.length; i++) {
                float plus = 0.5f * (right[i] - left[i]);
                expected[i] += plus;
                float minus = -0.25f * (left[i] - right[i]);
                expected[i] += minus;
            }
            assertThat(values(output).of(tensor)).as(tensor.name()).isEqualTo(expected);
        }
    }

    @Test
    void anAdapterOfThePairHasTheFactorsOfAPairInOneLayout() throws IOException {
        Given files = write(Layouts.attention(), true);
        Path sameLayout = writeInOneLayout(files);
        LoraOptions options = LoraOptions.builder().rank(4).type(GgmlType.F32).build();
        try (Extrapolator models = Extrapolator.open(files.sft, files.aligned);
                Extrapolator reference = Extrapolator.open(sameLayout, files.aligned)) {
            LoraReport lora = models.exportLora(options, directory.resolve("lora.gguf"), OutputOptions.defaults());
            LoraReport same =
                    reference.exportLora(options, directory.resolve("reference.gguf"), OutputOptions.defaults());
            assertThat(lora.tensors()).isEqualTo(same.tensors()).isNotEmpty();
        }
    }

    @Test
    void anInterruptedRunGoesOn() throws IOException {
        Given files = write(Layouts.latentAttention(), false);
        PlanOptions options = options().fileType(FileType.Q8_0).build();
        Path good = extrapolate(files, options, "good.gguf", OutputOptions.defaults());
        Cancellation cancellation = new Cancellation();
        OutputOptions resume = OutputOptions.defaults().withResume(true);
        OutputOptions stopping = resume.withCancellation(cancellation).withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > progress.total() / 2) {
                cancellation.cancel();
            }
        });
        Path output = directory.resolve("out.gguf");
        assertThatThrownBy(() -> extrapolate(files, options, "out.gguf", stopping))
                .isInstanceOf(CancelledException.class);
        assertThat(output).doesNotExist();
        extrapolate(files, options, "out.gguf", resume);
        assertThat(Files.mismatch(output, good)).isEqualTo(-1);
    }

    @Test
    void whatArrivesIsMeasuredAndRecorded() throws IOException {
        Given files = write(Layouts.latentAttention().withMatrices(GgmlType.F16, GgmlType.F16), true);
        try (Extrapolator models = Extrapolator.open(files.sft, files.aligned)) {
            ExpoReport report = models.write(
                    options().fileType(FileType.F16).build(), directory.resolve("out.gguf"), OutputOptions.defaults());
            assertThat(report.realised().orElseThrow().realised()).isCloseTo(ALPHA, within(0.01));
        }
    }

    @Test
    void theModelsMayBeSplit() throws IOException {
        Given files = write(Layouts.latentAttentionWithExperts(), true);
        Path shards = directory.resolve("shards.gguf");
        Path first;
        try (Extrapolator model = Extrapolator.open(Ingredients.model(files.sft))) {
            ExpoReport report = model.write(
                    PlanOptions.builder().alpha(0).build(),
                    shards,
                    OutputOptions.defaults().withSplitMaxBytes(300_000));
            first = report.files().getFirst();
            assertThat(report.files()).hasSizeGreaterThan(3);
        }
        Given split = new Given(first, files.aligned, files.alignedModel, files.asAligned);
        Path output = extrapolate(split, options().build(), "out.gguf", OutputOptions.defaults());
        assertFormula(files, output);
        assertProven(split, output);
    }

    @Test
    void valuesThatAreNoneAreSaidWithTheNamesOfTheirFile() throws IOException {
        Layouts.Pair pair = Layouts.attention();
        TensorValues bad = spec -> {
            float[] values = TensorValues.random(1).of(spec);
            if (spec.name().equals("blk.1.attn_k.weight")) {
                values[5] = Float.NaN;
            }
            return values;
        };
        Path sft = pair.apart().write(directory.resolve("sft.gguf"), bad);
        Path aligned = pair.joined().write(directory.resolve("aligned.gguf"), TensorValues.random(2));
        Given files = new Given(sft, aligned, pair.joined(), pair::join);
        assertThatThrownBy(() -> extrapolate(files, options().build(), "out.gguf", OutputOptions.defaults()))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage(
                        "sft.gguf: tensors 'blk.1.attn_q.weight', 'blk.1.attn_k.weight', 'blk.1.attn_v.weight': 1 of"
                                + " 131072 values are infinite or NaN");
    }
}
