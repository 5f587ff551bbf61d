package io.github.expogguf.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code llama-quantize IN OUT COPY}, which Ollama lets every import go through: it takes every output, and every byte
 * of the copy is still what the recipe gives.
 */
class CopiedByLlamaQuantizeTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2));
    private static final TensorValues SFT = TensorValues.random(21);
    private static final TensorValues ALIGNED = TensorValues.near(SFT, 22);
    private static final Imatrix IMATRIX = MODEL.imatrix(23);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(FileType.class)
    void everyFileType(FileType type) throws IOException {
        check(MODEL, options().fileType(type).imatrix(IMATRIX).build());
    }

    static List<GgmlType> types() {
        return Stream.of(GgmlType.values()).filter(WeightTypes::isSupported).toList();
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeThatIsKept(GgmlType type) throws IOException {
        check(MODEL.withMatrices(type), options().imatrix(IMATRIX).build());
    }

    @Test
    void modelsThatNameNoFileType() throws IOException {
        check(
                MODEL.without("general.file_type").withMatrices(GgmlType.F16),
                options().build());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64, 4096})
    void modelsOfAnotherAlignment(int alignment) throws IOException {
        TinyModel aligned = MODEL.with("general.alignment", MetadataValue.ofUint32(alignment))
                .with("blk.0.attn_q.bias", GgmlType.F32, 3); // whose end is padded
        check(aligned.withMatrices(GgmlType.F16), options().build());
        check(aligned, options().fileType(FileType.Q4_K_M).build());
    }

    @Test
    void tensorsInAnotherOrderAndWithTrailingOnes() throws IOException {
        List<TensorSpec> tensors = new ArrayList<>(MODEL.tensors());
        Collections.reverse(tensors);
        TinyModel reversed = new TinyModel(MODEL.metadata(), tensors)
                .mapTensors(tensor -> tensor.shape().rank() == 1
                        ? new TensorSpec(
                                tensor.name(),
                                tensor.type(),
                                new Shape(tensor.shape().rowLength(), 1, 1))
                        : tensor);
        check(reversed, options().fileType(FileType.Q3_K_M).build());
    }

    @Test
    void keysOfEveryTypeAndEmptyLists() throws IOException {
        TinyModel many = MODEL.with("a.bool", MetadataValue.ofBoolean(true))
                .with("a.u8", MetadataValue.ofInteger(MetadataType.UINT8, 200))
                .with("a.i64", MetadataValue.ofInteger(MetadataType.INT64, -1))
                .with("a.f64", MetadataValue.ofFloat64(0.1))
                .with("a.text", MetadataValue.ofString("ä \t\n"))
                .with("a.none", MetadataValue.ofStrings(List.of()))
                .with("a.empty", MetadataValue.ofString(""));
        check(many, options().fileType(FileType.Q8_0).build());
    }

    @Test
    void shards() throws IOException {
        PlanOptions options = options().fileType(FileType.Q4_K_M).build();
        Path first = write(MODEL, options, OutputOptions.defaults().withSplitMaxBytes(200_000));
        assertThat(first.getFileName().toString()).contains("-00001-of-0000");
        Path joined = directory.resolve("joined.gguf");
        NativeQuantizer.copy(first, joined, false);
        assertRecomputed(joined, options);
        NativeQuantizer.copy(first, directory.resolve("kept"), true);
        Path kept = directory.resolve(first.getFileName().toString().replace("out", "kept"));
        assertRecomputed(kept, options);
        try (GgufModel model = GgufModel.open(kept)) {
            assertThat(model.files()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void stochasticRoundingAndOneModel() throws IOException {
        check(
                MODEL.withMatrices(GgmlType.BF16),
                options().rounding(new Rounding.Stochastic(7)).build());
        Path model = MODEL.write(directory.resolve("one.gguf"), ALIGNED);
        Path output = directory.resolve("quantized.gguf");
        try (Extrapolator one = Extrapolator.open(Ingredients.model(model))) {
            one.write(PlanOptions.builder().fileType(FileType.Q5_K_M).build(), output, OutputOptions.defaults());
        }
        Path copy = directory.resolve("copy.gguf");
        NativeQuantizer.copy(output, copy, false);
        assertRecomputed(
                copy, VerifyOptions.builder().inputs(Ingredients.model(model)).build());
    }

    private static PlanOptions.Builder options() {
        return PlanOptions.builder().alpha(1.5f);
    }

    private void check(TinyModel aligned, PlanOptions options) throws IOException {
        Path output = write(aligned, options, OutputOptions.defaults());
        Path copy = directory.resolve("copy.gguf");
        NativeQuantizer.copy(output, copy, false);
        assertRecomputed(copy, options);
    }

    private Path write(TinyModel aligned, PlanOptions options, OutputOptions how) throws IOException {
        Path sft = aligned.write(directory.resolve("sft.gguf"), SFT);
        aligned.write(directory.resolve("aligned.gguf"), ALIGNED);
        try (Extrapolator pair = Extrapolator.open(sft, directory.resolve("aligned.gguf"))) {
            return pair.write(options, directory.resolve("out.gguf"), how.withForce(true))
                    .files()
                    .getFirst();
        }
    }

    private void assertRecomputed(Path copy, PlanOptions options) throws IOException {
        VerifyOptions.Builder given = VerifyOptions.builder()
                .inputs(Ingredients.pair(directory.resolve("sft.gguf"), directory.resolve("aligned.gguf")));
        options.imatrix().ifPresent(given::imatrix);
        assertRecomputed(copy, given.build());
    }

    private static void assertRecomputed(Path copy, VerifyOptions given) throws IOException {
        VerificationReport report = Verifier.verify(copy, given, WorkOptions.defaults());
        assertThat(report.findings()).isEmpty();
        assertThat(report.notes()).isEmpty();
        assertThat(report.recomputed()).isTrue();
        assertThat(report.checks())
                .allSatisfy((check, outcome) ->
                        assertThat(outcome).as(check.label()).isEqualTo(Check.Outcome.PASSED));
    }
}
