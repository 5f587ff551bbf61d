package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.AdaptedLogits;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.input.FileDigests;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.LoraFiles;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Base models with LoRA adapters as aligned models. */
class AdapterRunTest {

    private static final float ALPHA = 0.5f;
    private static final int RANK = 32;
    private static final TinyModel BASE = TinyModels.llama(Sizes.of(1, 256, 512, 4, 2));
    private static final TinyModel EXPERTS =
            TinyModels.llama(Sizes.of(1, 64, 96, 4, 2).withExperts(3));
    private static final TensorValues FACTORS = TensorValues.random(7);

    @TempDir
    Path directory;

    private Path base(TinyModel model) {
        return model.write(directory.resolve("base.gguf"), TensorValues.random(1));
    }

    private Path adapter(String name, TinyModel adapter, long seed) {
        return adapter.write(directory.resolve(name), TensorValues.random(seed));
    }

    private Path write(Ingredients<Path> sources, PlanOptions options, String name, int threads) throws IOException {
        Path output = directory.resolve(name);
        try (Extrapolator models = Extrapolator.open(sources)) {
            models.write(options, output, OutputOptions.defaults().withThreads(threads));
        }
        return output;
    }

    private static PlanOptions alpha(float value) {
        return PlanOptions.builder().alpha(value).build();
    }

    private static float[] values(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            TensorInfo info = model.header().tensors().stream()
                    .filter(any -> any.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            return GgmlFloats.of(model, info);
        }
    }

    private static long[] shape(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().tensors().stream()
                    .filter(any -> any.name().equals(tensor))
                    .findFirst()
                    .orElseThrow()
                    .shape()
                    .dimensions();
        }
    }

    /** The product of llama-export-lora (export-lora.cpp, merge_tensor) in double precision. */
    private static double[] product(Path adapter, String tensor, double scale) throws IOException {
        float[] a = values(adapter, tensor + ".lora_a");
        float[] b = values(adapter, tensor + ".lora_b");
        boolean isEmbedding = tensor.equals("token_embd.weight");
        float[] left = isEmbedding ? a : b;
        long[] leftShape = shape(adapter, tensor + (isEmbedding ? ".lora_a" : ".lora_b"));
        int rank = (int) leftShape[0];
        int rows = (int) leftShape[1];
        int matrices = leftShape.length > 2 ? (int) leftShape[2] : 1;
        int columns = (isEmbedding ? b : a).length / rank / matrices;
        double[] product = new double[matrices * rows * columns];
        for (int matrix = 0; matrix < matrices; matrix++) {
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    double sum = 0;
                    for (int k = 0; k < rank; k++) {
                        double right = isEmbedding ? b[column * rank + k] : a[(matrix * rank + k) * columns + column];
                        sum += left[(matrix * rows + row) * rank + k] * right;
                    }
                    product[(matrix * rows + row) * columns + column] = scale * sum;
                }
            }
        }
        return product;
    }

    private void assertAdapted(Path output, Path base, String tensor, double factor, double[]... products)
            throws IOException {
        float[] actual = values(output, tensor);
        float[] start = values(base, tensor);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double expected = start[i];
            for (double[] product : products) {
                expected += factor * product[i];
            }
            worst = Math.max(worst, Math.abs(actual[i] - expected));
        }
        assertThat(worst).as(tensor).isCloseTo(0, within(3e-6));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0"})
    void theResultIsTheBaseWithMoreOfTheAdapter(GgmlType type) throws IOException {
        Path base = base(BASE);
        String[] tensors = {"blk.0.attn_q.weight", "blk.0.ffn_down.weight", "token_embd.weight", "output.weight"};
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, RANK, 48, type, tensors), 7);
        Ingredients<Path> sources = Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 0.5f)));

        Path output = write(sources, alpha(ALPHA), "out.gguf", 2);

        double scale = 0.5 * 48 / RANK;
        for (String tensor : tensors) {
            assertAdapted(output, base, tensor, 1 + ALPHA, product(lora, tensor, scale));
        }
        assertThat(values(output, "blk.0.attn_k.weight")).isEqualTo(values(base, "blk.0.attn_k.weight"));
        assertThat(Files.readAllBytes(write(sources, alpha(ALPHA), "one.gguf", 1)))
                .isEqualTo(Files.readAllBytes(output));
        assertProven(output, base, List.of(lora));
    }

    @Test
    void llamaCppComputesTheSameWithTheAdapterBesideTheBase() throws IOException {
        Path base = base(BASE);
        Path lora = adapter(
                "lora.gguf",
                LoraFiles.adapter(
                        BASE,
                        RANK,
                        48,
                        GgmlType.F32,
                        "token_embd.weight",
                        "blk.0.attn_v.weight",
                        "blk.0.ffn_down.weight",
                        "output.weight"),
                7);
        Path output = write(
                Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 0.5f))), alpha(ALPHA), "out.gguf", 2);

        float[] beside = AdaptedLogits.of(base, Map.of(lora, 0.5f * (1 + ALPHA)), "abc");
        float[] inside = AdaptedLogits.of(output, Map.of(), "abc");
        float[] without = AdaptedLogits.of(base, Map.of(), "abc");

        assertThat(distance(beside, inside)).isLessThan(1e-3 * distance(beside, without));
    }

    private static double distance(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    @Test
    void theModelInMemoryIsAdaptedToo() throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, RANK, 48, GgmlType.F32, "output.weight"), 7);
        Ingredients<Path> sources = Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1)));
        Path output = write(sources, alpha(ALPHA), "out.gguf", 2);
        GenerationOptions generation = GenerationOptions.greedy(16);
        try (Extrapolator models = Extrapolator.open(sources);
                LiveModel live = LiveModel.open(models, alpha(0), WorkOptions.defaults());
                LlamaContext context = LlamaContext.open(live.model(), ContextOptions.defaults());
                LlamaModel file = LlamaModel.load(output, LoadOptions.defaults());
                LlamaContext fileContext = LlamaContext.open(file, ContextOptions.defaults())) {
            live.setAlpha(ALPHA);
            assertThat(context.generate("abc", generation).text())
                    .isEqualTo(fileContext.generate("abc", generation).text());
        }
    }

    /** With weights that do not matter. */
    private static List<Ingredients.Adapter<Path>> weightless(List<Path> adapters) {
        return adapters.stream()
                .map(adapter -> new Ingredients.Adapter<>(adapter, 1))
                .toList();
    }

    private static void assertProven(Path output, Path base, List<Path> adapters) throws IOException {
        VerificationReport report =
                Verifier.verify(output, Ingredients.adapted(base, weightless(adapters)), WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
    }

    @Test
    void alphaZeroIsTheAdaptedModelAndAnAdapterWithoutAlphaCountsItsWeight() throws IOException {
        Path base = base(BASE);
        String tensor = "blk.0.attn_q.weight";
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, RANK, 0, GgmlType.F32, tensor), 7);

        Path output = write(
                Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 0.25f))), alpha(0), "out.gguf", 2);

        assertAdapted(output, base, tensor, 1, product(lora, tensor, 0.25));
        assertProven(output, base, List.of(lora));
    }

    @Test
    void extrapolatesAsAFileOfTheAdaptedModelWould() throws IOException {
        Path base = base(BASE);
        Path lora = adapter(
                "lora.gguf",
                LoraFiles.adapter(BASE, RANK, 16, GgmlType.F16, "blk.0.attn_q.weight", "blk.0.ffn_up.weight"),
                7);
        Ingredients<Path> sources = Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1)));
        PlanOptions quantized = alpha(ALPHA).withFileType(FileType.Q4_K_M);

        Path adapted = write(sources, alpha(0), "adapted.gguf", 2);
        Path direct = write(sources, quantized, "direct.gguf", 2);
        Path twice = write(Ingredients.pair(base, adapted), quantized, "twice.gguf", 2);

        for (TensorInfo tensor : tensors(direct)) {
            assertThat(values(direct, tensor.name())).as(tensor.name()).isEqualTo(values(twice, tensor.name()));
        }
    }

    private static List<TensorInfo> tensors(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().tensors();
        }
    }

    @Test
    void severalAdaptersAddUpAlsoOnAnAlignedModel() throws IOException {
        Path base = base(BASE);
        Path aligned = BASE.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 3));
        String shared = "blk.0.attn_q.weight";
        Path one = adapter("one.gguf", LoraFiles.adapter(BASE, RANK, 16, GgmlType.F32, shared), 7);
        Path two = adapter("two.gguf", LoraFiles.adapter(BASE, 8, 16, GgmlType.F16, shared, "output.weight"), 8);
        List<Ingredients.Adapter<Path>> adapters =
                List.of(new Ingredients.Adapter<>(one, 1), new Ingredients.Adapter<>(two, -0.5f));

        Path onBase = write(Ingredients.adapted(base, adapters), alpha(ALPHA), "base-out.gguf", 2);
        Path onAligned = write(Ingredients.pair(base, aligned).withAdapters(adapters), alpha(0), "aligned-out.gguf", 2);

        double[] first = product(one, shared, 0.5);
        double[] second = product(two, shared, -1);
        assertAdapted(onBase, base, shared, 1 + ALPHA, first, second);
        assertAdapted(onAligned, aligned, shared, 1, first, second);
    }

    @Test
    void expertsAreAdaptedOneByOne() throws IOException {
        Path base = base(EXPERTS);
        String tensor = "blk.0.ffn_gate_exps.weight";
        Path lora = adapter("lora.gguf", LoraFiles.adapter(EXPERTS, 4, 8, GgmlType.F32, tensor), 7);

        Path output = write(
                Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))), alpha(ALPHA), "out.gguf", 2);

        assertAdapted(output, base, tensor, 1 + ALPHA, product(lora, tensor, 2));
        assertProven(output, base, List.of(lora));
    }

    /** What converters store of norms that were trained, for instance of PEFT's modules_to_save. */
    private static final String NORM = "blk.0.attn_norm.weight";

    private static final String WHOLE_MATRIX = "blk.0.attn_k.weight";

    private static TinyModel withWholes(TinyModel adapter, GgmlType type) {
        return adapter.with(NORM, GgmlType.F32, 256).with(WHOLE_MATRIX, type, 256, 128);
    }

    /** {@code base + factor * (whole - base)} for each adapter, by a loop of its own. */
    private static void assertWhole(Path output, Path base, String tensor, float alpha, Map<Path, Float> wholes)
            throws IOException {
        float[] actual = values(output, tensor);
        float[] start = values(base, tensor);
        for (int i = 0; i < actual.length; i++) {
            double aligned = start[i];
            for (Map.Entry<Path, Float> whole : wholes.entrySet()) {
                aligned += whole.getValue() * ((double) values(whole.getKey(), tensor)[i] - start[i]);
            }
            assertThat((double) actual[i]).as(tensor).isCloseTo(aligned + alpha * (aligned - start[i]), within(3e-6));
            if (i == 300) {
                return; // more rows than one
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0"})
    void wholeTensorsTakeThePlaceOfTheBases(GgmlType type) throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", withWholes(LoraFiles.adapter(BASE, RANK, 48, type, "output.weight"), type), 7);
        Ingredients<Path> sources = Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1)));

        Path adapted = write(sources, alpha(0), "adapted.gguf", 2);
        Path output = write(sources, alpha(ALPHA), "out.gguf", 2);

        for (String tensor : List.of(NORM, WHOLE_MATRIX)) {
            assertThat(values(adapted, tensor)).isEqualTo(values(lora, tensor));
            assertWhole(output, base, tensor, ALPHA, Map.of(lora, 1f));
        }
        assertAdapted(output, base, "output.weight", 1 + ALPHA, product(lora, "output.weight", 1.5));
        assertThat(Files.readAllBytes(write(sources, alpha(ALPHA), "one.gguf", 1)))
                .isEqualTo(Files.readAllBytes(output));
        assertProven(output, base, List.of(lora));
    }

    @Test
    void weightsOfAdaptersCountForTheirWholeTensorsAndAddUp() throws IOException {
        Path base = base(BASE);
        Path one = adapter("one.gguf", withWholes(LoraFiles.adapter(BASE, RANK, 48, GgmlType.F32), GgmlType.F32), 7);
        Path two = adapter("two.gguf", withWholes(LoraFiles.adapter(BASE, RANK, 0, GgmlType.F32), GgmlType.F32), 8);
        Path factors = adapter("factors.gguf", LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, WHOLE_MATRIX), 9);

        Path output = write(
                Ingredients.adapted(
                        base,
                        List.of(
                                new Ingredients.Adapter<>(one, 0.25f),
                                new Ingredients.Adapter<>(two, 1),
                                new Ingredients.Adapter<>(factors, 0))),
                alpha(ALPHA),
                "out.gguf",
                2);

        for (String tensor : List.of(NORM, WHOLE_MATRIX)) {
            assertWhole(output, base, tensor, ALPHA, Map.of(one, 0.25f, two, 1f));
        }
        assertProven(output, base, List.of(one, two, factors));
    }

    @Test
    void whatArrivesOfWholeTensorsIsMeasuredAndTheyAreFactsOfThePlan() throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", withWholes(LoraFiles.adapter(BASE, 4, 8, GgmlType.F32), GgmlType.F32), 7);
        try (Extrapolator models =
                Extrapolator.open(Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))))) {
            assertThat(models.adapters())
                    .containsExactly(new AdapterSummary("lora.gguf", 1, 8, 0, 0, 0, 0, false, 0, 2));
            assertThat(models.write(alpha(ALPHA), directory.resolve("out.gguf"), OutputOptions.defaults())
                            .steps())
                    .hasSize(2)
                    .allSatisfy(step -> assertThat(
                                    RealisedAlpha.of(step).orElseThrow().share())
                            .isCloseTo(1, within(1e-3)));
        }
    }

    @Test
    void theFileNamesItsAdapters() throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "output.weight"), 7);
        Path output = write(
                Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 0.5f))), alpha(ALPHA), "out.gguf", 2);

        try (GgufModel model = GgufModel.open(output)) {
            Recipe recipe = Recipe.read(model.header().metadata()).orElseThrow();
            assertThat(recipe.models().adapters()).singleElement().satisfies(adapter -> {
                assertThat(adapter.weight()).isEqualTo(0.5f);
                assertThat(adapter.model().files()).containsExactly("lora.gguf");
                assertThat(adapter.model().digests()).containsExactly(FileDigests.sha256(lora, new Cancellation()));
            });
        }
    }

    @Test
    void anotherAdapterOrNoneIsNoProof() throws IOException {
        Path base = base(BASE);
        TinyModel adapter = LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "output.weight");
        Path lora = adapter("lora.gguf", adapter, 7);
        Path other = adapter("other.gguf", adapter, 8);
        Path output = write(
                Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))), alpha(ALPHA), "out.gguf", 2);

        for (List<Path> given : List.of(List.<Path>of(), List.of(other))) {
            VerificationReport report =
                    Verifier.verify(output, Ingredients.adapted(base, weightless(given)), WorkOptions.defaults());
            assertThat(report.passed()).isFalse();
            assertThat(report.findings().toString())
                    .contains(given.isEmpty() ? "was made with 1 adapter" : "the lora.gguf model is another");
        }
    }

    @Test
    void tensorsWithoutAnAdapterAreCopied() throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "output.weight"), 7);
        try (Extrapolator models =
                Extrapolator.open(Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))))) {
            assertThat(models.plan(alpha(ALPHA)).tasks())
                    .filteredOn(task -> !task.aligned().name().equals("output.weight"))
                    .allSatisfy(task ->
                            assertThat(task).isEqualTo(new TensorTask.Copy(task.aligned(), "no adapter changes it")));
            assertThat(models.sample(1000, WorkOptions.defaults()).total().changed())
                    .isPositive();
        }
    }

    @Test
    void factorsThatAreNotFiniteAreRefusedBeforeAnythingIsWritten() {
        Path base = base(BASE);
        Path lora = LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "output.weight")
                .write(directory.resolve("lora.gguf"), tensor -> {
                    float[] values = FACTORS.of(tensor);
                    values[3] = tensor.name().endsWith("_b") ? Float.POSITIVE_INFINITY : values[3];
                    return values;
                });

        assertThatThrownBy(() -> write(
                        Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))),
                        alpha(ALPHA),
                        "out.gguf",
                        2))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage("lora.gguf: tensor 'output.weight.lora_b': 1 of 1280 values are infinite or NaN");
        assertThat(directory.resolve("out.gguf")).doesNotExist();
    }

    @Test
    void aRankAboveTheLengthOfRowsIsNoMatter() throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, 4096, 8, GgmlType.F32, "blk.0.attn_k.weight"), 7);
        Path output = write(
                Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))), alpha(ALPHA), "out.gguf", 2);

        assertAdapted(output, base, "blk.0.attn_k.weight", 1 + ALPHA, product(lora, "blk.0.attn_k.weight", 8.0 / 4096));
    }

    @Test
    void aRunWithAnotherWeightIsNotResumed() throws IOException {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, RANK, 8, GgmlType.F32, "output.weight"), 7);
        Path output = directory.resolve("out.gguf");
        OutputOptions resume = OutputOptions.defaults().withResume(true);
        Cancellation cancellation = new Cancellation();
        try (Extrapolator models =
                Extrapolator.open(Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))))) {
            assertThatThrownBy(() -> models.write(
                            alpha(ALPHA),
                            output,
                            resume.withCancellation(cancellation).withListener(progress -> {
                                if (progress.stage() == Progress.Stage.EXTRAPOLATE
                                        && progress.done() > progress.total() / 2) {
                                    cancellation.cancel();
                                }
                            })))
                    .isInstanceOf(CancelledException.class);
        }

        try (Extrapolator models =
                Extrapolator.open(Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 0.5f))))) {
            assertThatThrownBy(() -> models.write(alpha(ALPHA), output, resume))
                    .isInstanceOf(UnfinishedOutputException.class)
                    .hasMessageContaining("adapters and further deltas");
        }
        try (Extrapolator models =
                Extrapolator.open(Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))))) {
            assertThat(models.write(alpha(ALPHA), output, resume).keptBytes()).isPositive();
        }
        assertProven(output, base, List.of(lora));
    }

    @Test
    void anOutputInThePlaceOfAnAdapterIsRefused() {
        Path base = base(BASE);
        Path lora = adapter("lora.gguf", LoraFiles.adapter(BASE, 4, 8, GgmlType.F32, "output.weight"), 7);

        assertThatThrownBy(() -> write(
                        Ingredients.adapted(base, List.of(new Ingredients.Adapter<>(lora, 1))),
                        alpha(ALPHA),
                        "lora.gguf",
                        2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the output is one of the inputs");
    }
}
