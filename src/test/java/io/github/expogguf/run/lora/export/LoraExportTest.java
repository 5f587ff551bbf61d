package io.github.expogguf.run.lora.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.infer.AdaptedLogits;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.lora.LoraOptions;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LoraExportTest {

    private static final Sizes SIZES = Sizes.of(2, 64, 128, 4, 2);
    private static final int OWN_RANK = 4;
    private static final String TEXT = "Which city rules Chile?";

    @TempDir
    Path directory;

    /** Adds to every matrix, or every expert, a delta of rank {@link #OWN_RANK}; leaves vectors as they are. */
    private static TensorValues ofLowRank(TensorValues sft) {
        return tensor -> {
            float[] values = sft.of(tensor);
            if (tensor.shape().rank() < 2) {
                return values;
            }
            SplittableRandom random = new SplittableRandom(tensor.name().hashCode());
            int columns = (int) tensor.shape().rowLength();
            int rows = (int) tensor.shape().dimension(1);
            for (int at = 0; at < values.length; at += rows * columns) {
                for (int k = 0; k < OWN_RANK; k++) {
                    double[] left = random.doubles(rows, -0.05, 0.05).toArray();
                    double[] right = random.doubles(columns, -0.3, 0.3).toArray();
                    for (int i = 0; i < rows * columns; i++) {
                        values[at + i] += (float) (left[i / columns] * right[i % columns]);
                    }
                }
            }
            return values;
        };
    }

    private record Pair(Path sft, Path aligned) {}

    private Pair pair(TinyModel model, TensorValues alignedValues) {
        return new Pair(
                model.write(directory.resolve("sft.gguf"), TensorValues.random(1)),
                model.write(directory.resolve("aligned.gguf"), alignedValues));
    }

    private Pair lowRankPair(TinyModel model) {
        return pair(model, ofLowRank(TensorValues.random(1)));
    }

    private LoraReport export(Pair pair, LoraOptions options, String name, int threads) throws IOException {
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            return models.exportLora(
                    options, directory.resolve(name), OutputOptions.defaults().withThreads(threads));
        }
    }

    private LoraReport export(Pair pair, int rank, GgmlType type) throws IOException {
        return export(pair, LoraOptions.builder().rank(rank).type(type).build(), "lora.gguf", 2);
    }

    private Path extrapolated(Pair pair, float alpha) throws IOException {
        Path output = directory.resolve("extrapolated.gguf");
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            PlanOptions options =
                    PlanOptions.builder().alpha(alpha).fileType(FileType.F32).build();
            models.write(options, output, OutputOptions.defaults().withForce(true));
        }
        return output;
    }

    private static double distance(float[] left, float[] right) {
        double squares = 0;
        double all = 0;
        for (int i = 0; i < left.length; i++) {
            squares += Math.pow(left[i] - right[i], 2);
            all += Math.pow(right[i], 2);
        }
        return Math.sqrt(squares / all);
    }

    /** llama.cpp with the adapter computes what it computes with the extrapolated model. */
    private void assertLlamaCppAgrees(Pair pair, double tolerance) throws IOException {
        LoraReport report = export(pair, OWN_RANK, GgmlType.F32);
        assertThat(report.keptShare()).isCloseTo(1, within(1e-4));
        float[] aligned = AdaptedLogits.of(pair.aligned, Map.of(), TEXT);
        float[] adapted = AdaptedLogits.of(pair.aligned, Map.of(report.file(), 0.7f), TEXT);
        float[] adaptedSft = AdaptedLogits.of(pair.sft, Map.of(report.file(), 1.7f), TEXT);
        float[] expected = AdaptedLogits.of(extrapolated(pair, 0.7f), Map.of(), TEXT);
        assertThat(distance(aligned, expected)).isGreaterThan(20 * tolerance);
        assertThat(distance(adapted, expected)).isLessThan(tolerance);
        assertThat(distance(adaptedSft, expected)).isLessThan(tolerance);
    }

    @Test
    void llamaCppWithTheAdapterIsTheExtrapolatedModel() throws IOException {
        assertLlamaCppAgrees(lowRankPair(TinyModels.llama(SIZES)), 1e-3);
    }

    @Test
    void llamaCppAppliesItToExperts() throws IOException {
        assertLlamaCppAgrees(lowRankPair(TinyModels.llama(SIZES.withExperts(4))), 1e-3);
    }

    @Test
    void llamaCppAppliesItToEncodersAndDecoders() throws IOException {
        Sizes sizes = Sizes.of(2, 64, 128, 4, 4);
        TensorValues sft = TensorValues.random(1);
        TensorValues aligned = ofLowRank(sft);
        TinyModel model = TinyModels.t5(sizes);
        assertLlamaCppAgrees(
                pair(model, tensor -> (tensor.name().endsWith("attn_rel_b.weight") ? sft : aligned).of(tensor)), 1e-3);
        assertThat(export(
                                lowRankPair(model),
                                LoraOptions.builder()
                                        .rank(OWN_RANK)
                                        .type(GgmlType.F32)
                                        .build(),
                                "all.gguf",
                                2)
                        .leftOut())
                .extracting(LoraReport.LeftOut::name)
                .containsExactly("enc.blk.0.attn_rel_b.weight", "dec.blk.0.attn_rel_b.weight");
    }

    @Test
    void embeddingsThatAreTheOutputTooAreLeftOut() throws IOException {
        Pair pair = lowRankPair(TinyModels.llama(SIZES.withTiedEmbeddings()));
        LoraReport report = export(pair, OWN_RANK, GgmlType.F16);
        assertThat(report.tensors()).extracting(LoraReport.Factored::name).doesNotContain("token_embd.weight");
        assertThat(report.leftOut()).singleElement().satisfies(tensor -> {
            assertThat(tensor.name()).isEqualTo("token_embd.weight");
            assertThat(tensor.reason()).startsWith("embedding and output in one");
        });
        assertThat(report.leftOutShare()).isGreaterThan(0.1);
        assertThat(AdaptedLogits.of(pair.aligned, Map.of(report.file(), 0.5f), TEXT))
                .doesNotContain(Float.NaN);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0"})
    void recoversADeltaOfItsRankInEveryType(GgmlType type) throws IOException {
        Pair pair = lowRankPair(TinyModels.llama(SIZES.withExperts(2)));
        LoraReport report = export(pair, 32, type);
        double tolerance = switch (type) {
            case F32 -> 1e-4; // the deltas are differences of floats a hundred times as large
            case F16 -> 1e-3;
            case BF16 -> 6e-3;
            default -> 2e-2;
        };
        assertThat(report.keptShare()).isCloseTo(1, within(1e-4));
        assertThat(report.identical()).hasSize(5); // the norms
        for (String name :
                List.of("token_embd.weight", "blk.0.attn_k.weight", "blk.1.ffn_down_exps.weight", "output.weight")) {
            float[] expected = read(pair.aligned, name);
            float[] from = read(pair.sft, name);
            for (int i = 0; i < expected.length; i++) {
                expected[i] -= from[i];
            }
            assertThat(distance(product(report.file(), name, pair), expected))
                    .as(name)
                    .isLessThan(tolerance);
        }
        try (GgufModel file = GgufModel.open(report.file())) {
            assertThat(file.header().tensors()).extracting(TensorInfo::type).containsOnly(type);
        }
    }

    /** As llama-export-lora multiplies them: {@code B A}, of embeddings {@code A B} transposed. */
    private float[] product(Path adapter, String name, Pair pair) throws IOException {
        TensorInfo tensor = tensor(pair.aligned, name);
        int columns = (int) tensor.shape().rowLength();
        int rows = (int) tensor.shape().dimension(1);
        int matrices = (int) tensor.shape().dimension(2);
        float[] a = read(adapter, name + ".lora_a");
        float[] b = read(adapter, name + ".lora_b");
        boolean isEmbedding = name.equals("token_embd.weight");
        int rank = a.length / matrices / (isEmbedding ? rows : columns);
        float[] product = new float[matrices * rows * columns];
        for (int i = 0; i < product.length; i++) {
            int matrix = i / (rows * columns);
            int row = i / columns % rows;
            int column = i % columns;
            double sum = 0;
            for (int k = 0; k < rank; k++) {
                sum += isEmbedding
                        ? (double) a[row * rank + k] * b[column * rank + k]
                        : (double) b[(matrix * rows + row) * rank + k] * a[(matrix * rank + k) * columns + column];
            }
            product[i] = (float) sum;
        }
        return product;
    }

    private static TensorInfo tensor(Path file, String name) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return model.header().tensors().stream()
                    .filter(any -> any.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static float[] read(Path file, String name) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            return GgmlFloats.of(model, tensor(file, name));
        }
    }

    @Test
    void energiesAreThoseOfTheDelta() throws IOException {
        Pair pair = pair(TinyModels.llama(SIZES), TensorValues.near(TensorValues.random(1), 2));
        LoraReport report = export(pair, 8, GgmlType.F32);
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            double energy = models.compare(WorkOptions.defaults()).total().deltaSquares();
            assertThat(report.energy()).isCloseTo(energy, within(1e-9 * energy));
        }
        assertThat(report.leftOut()).extracting(LoraReport.LeftOut::reason).containsOnly("a vector");
        LoraReport.Factored query = report.tensors().stream()
                .filter(tensor -> tensor.name().equals("blk.0.attn_q.weight"))
                .findFirst()
                .orElseThrow();
        float[] product = product(report.file(), query.name(), pair);
        float[] from = read(pair.sft, query.name());
        float[] to = read(pair.aligned, query.name());
        double missed = 0;
        for (int i = 0; i < product.length; i++) {
            missed += Math.pow(to[i] - from[i] - product[i], 2);
        }
        assertThat(query.keptShare()).isBetween(0.1, 0.7).isCloseTo(1 - missed / query.energy(), within(1e-4));
        assertThat(read(report.file(), query.name() + ".lora_a")).hasSize(8 * 64);
    }

    @Test
    void metadataSayWhatItIs() throws IOException {
        Pair pair = lowRankPair(TinyModels.llama(SIZES));
        LoraReport report = export(pair, 6, GgmlType.F16);
        try (GgufModel file = GgufModel.open(report.file())) {
            var metadata = file.header().metadata();
            assertThat(metadata.string("general.type")).contains("adapter");
            assertThat(metadata.string("adapter.type")).contains("lora");
            assertThat(metadata.string("general.architecture")).contains("llama");
            assertThat(metadata.get("adapter.lora.alpha").orElseThrow().asDouble())
                    .isEqualTo(6);
            assertThat(metadata.get("expo.lora.energy").orElseThrow().asDouble())
                    .isCloseTo(report.keptShare(), within(1e-6));
            assertThat(metadata.get("expo.lora.energies").orElseThrow().elementCount())
                    .isEqualTo(report.tensors().size());
            assertThat(metadata.get("expo.lora.sft.sha256")
                            .orElseThrow()
                            .asStrings()
                            .getFirst())
                    .doesNotStartWith("0000");
        }
        assertThat(Verifier.verify(report.file(), WorkOptions.defaults()).passed())
                .isTrue();
        assertThat(report.fileBytes()).isEqualTo(Files.size(report.file()));
    }

    @Test
    void bytesDoNotDependOnTheThreads() throws IOException {
        Pair pair = pair(TinyModels.llama(SIZES.withExperts(3)), TensorValues.near(TensorValues.random(1), 2));
        LoraOptions options = LoraOptions.builder().rank(5).type(GgmlType.F16).build();
        Path one = export(pair, options, "one.gguf", 1).file();
        Path several = export(pair, options, "several.gguf", 5).file();
        assertThat(several).hasSameBinaryContentAs(one);
    }

    @ParameterizedTest
    @CsvSource({"Q8_0, 20, F16", "Q8_0, 64, Q8_0"})
    void typesGiveWayWhereRowsDoNotFit(GgmlType type, int rank, GgmlType ofB) throws IOException {
        LoraReport report = export(lowRankPair(TinyModels.llama(SIZES)), rank, type);
        assertThat(tensor(report.file(), "blk.0.ffn_up.weight.lora_a").type()).isEqualTo(GgmlType.Q8_0);
        assertThat(tensor(report.file(), "blk.0.ffn_up.weight.lora_b").type()).isEqualTo(ofB);
        assertThat(tensor(report.file(), "blk.0.ffn_up.weight.lora_b").shape()).isEqualTo(new Shape(rank, 128));
    }

    @Test
    void nothingIsLeftBehindAndNothingReplaced() throws IOException {
        Pair pair = lowRankPair(TinyModels.llama(SIZES));
        Path output = Files.writeString(directory.resolve("lora.gguf"), "precious");
        assertThatThrownBy(() -> export(pair, 4, GgmlType.F16)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(output).hasContent("precious");
        try (Extrapolator models = Extrapolator.open(pair.sft, pair.aligned)) {
            LoraOptions options = LoraOptions.builder().rank(4).build();
            assertThatThrownBy(() -> models.exportLora(
                            options, pair.sft, OutputOptions.defaults().withForce(true)))
                    .hasMessageContaining("the output is one of the inputs");
            Cancellation cancelled = new Cancellation();
            OutputOptions how = OutputOptions.defaults()
                    .withForce(true)
                    .withCancellation(cancelled)
                    .withListener(progress -> {
                        if (progress.stage() == Progress.Stage.FACTOR && progress.done() > 0) {
                            cancelled.cancel();
                        }
                    });
            assertThatThrownBy(() -> models.exportLora(options, output, how)).isInstanceOf(CancelledException.class);
            assertThat(output).hasContent("precious");
            models.exportLora(options, output, OutputOptions.defaults().withForce(true));
        }
        assertThat(Files.size(output)).isGreaterThan(1000);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void modelsWithoutADeltaAreRefused() {
        Pair same = pair(TinyModels.llama(SIZES), TensorValues.random(1));
        assertThatThrownBy(() -> export(same, 4, GgmlType.F16))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage("aligned.gguf: no tensor has a delta that an adapter could hold");
        assertThatThrownBy(() -> export(same, 0, GgmlType.F16)).hasMessage("rank 0, expected 1 to 4096");
        assertThatThrownBy(
                        () -> LoraOptions.builder().rank(4).type(GgmlType.Q4_K).build())
                .hasMessageContaining("factors of type Q4_K");
    }

    @Test
    void deltasThatAreNoNumbersAreAnError() {
        TensorValues broken = tensor -> {
            float[] values = ofLowRank(TensorValues.random(1)).of(tensor);
            values[0] = tensor.name().equals("blk.1.ffn_up.weight") ? Float.NaN : values[0];
            return values;
        };
        Pair pair = pair(TinyModels.llama(SIZES), broken);
        assertThatThrownBy(() -> export(pair, 4, GgmlType.F16))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage(
                        "aligned.gguf: tensor 'blk.1.ffn_up.weight': the difference from the SFT model holds NaN or infinity");
        assertThat(directory.resolve("lora.gguf")).doesNotExist();
    }

    @Test
    void demoPairKeepsMoreWithAHigherRank() throws IOException {
        Pair demo = new Pair(DemoFiles.SFT, DemoFiles.ALIGNED);
        LoraReport low = export(demo, LoraOptions.builder().rank(4).build(), "low.gguf", 2);
        LoraReport high =
                export(demo, LoraOptions.builder().rank(64).type(GgmlType.F16).build(), "high.gguf", 2);
        assertThat(low.keptShare()).isBetween(0.2, 0.8);
        assertThat(high.keptShare()).isBetween(0.9, 1.0).isGreaterThan(low.keptShare());
        float[] expected = AdaptedLogits.of(extrapolated(demo, 0.5f), Map.of(), TEXT);
        double lowDistance = distance(AdaptedLogits.of(demo.aligned, Map.of(low.file(), 0.5f), TEXT), expected);
        double highDistance = distance(AdaptedLogits.of(demo.aligned, Map.of(high.file(), 0.5f), TEXT), expected);
        double none = distance(AdaptedLogits.of(demo.aligned, Map.of(), TEXT), expected);
        assertThat(highDistance).isLessThan(lowDistance);
        assertThat(lowDistance).isLessThan(none);
    }

    @Test
    void extrapolatingWithTheAdapterGoesTheSameWay() throws IOException {
        Pair pair = lowRankPair(TinyModels.llama(SIZES.withExperts(2)));
        Path adapter = export(pair, OWN_RANK, GgmlType.F32).file();
        Path output = directory.resolve("again.gguf");
        try (Extrapolator models =
                Extrapolator.open(Ingredients.adapted(pair.sft, List.of(new Ingredients.Adapter<>(adapter, 1))))) {
            PlanOptions options =
                    PlanOptions.builder().alpha(0.7f).fileType(FileType.F32).build();
            models.write(options, output, OutputOptions.defaults());
        }
        Path expected = extrapolated(pair, 0.7f);
        for (String name :
                List.of("token_embd.weight", "blk.0.attn_v.weight", "blk.1.ffn_up_exps.weight", "output.weight")) {
            assertThat(distance(read(output, name), read(expected, name)))
                    .as(name)
                    .isLessThan(1e-4);
            assertThat(distance(read(pair.aligned, name), read(expected, name)))
                    .as(name)
                    .isGreaterThan(0.1);
        }
    }

    @Test
    void furtherDifferencesAreNotMixedIn() throws IOException {
        Pair pair = lowRankPair(TinyModels.llama(SIZES));
        Ingredients<Path> more = Ingredients.pair(pair.sft, pair.aligned)
                .withDeltas(List.of(new Ingredients.Delta<>(pair.sft, pair.aligned, 0.5f)));
        try (Extrapolator models = Extrapolator.open(more)) {
            LoraOptions options = LoraOptions.builder().rank(4).build();
            assertThatThrownBy(() -> models.exportLora(options, directory.resolve("x.gguf"), OutputOptions.defaults()))
                    .hasMessageContaining("an adapter is exported from a pair alone");
        }
    }
}
