package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.verify.Finding;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What runs measure of alpha, on the trained pair. */
class RealisedAlphaRunTest {

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static final Map<FileType, Path> SFT = new HashMap<>();
    private static final Map<FileType, Path> ALIGNED = new HashMap<>();

    @BeforeAll
    static void quantizeInputs() throws IOException {
        SFT.put(FileType.F16, DemoFiles.SFT);
        ALIGNED.put(FileType.F16, DemoFiles.ALIGNED);
        for (FileType type : List.of(FileType.Q8_0, FileType.Q4_K_M)) {
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

    private static PlanOptions options(float alpha, FileType type) {
        return PlanOptions.builder().alpha(alpha).fileType(type).build();
    }

    private ExpoReport write(FileType inputs, PlanOptions options, int threads) throws IOException {
        Path output = directory.resolve("out-" + threads + ".gguf");
        try (Extrapolator pair = Extrapolator.open(SFT.get(inputs), ALIGNED.get(inputs))) {
            return pair.write(options, output, OutputOptions.defaults().withThreads(threads));
        }
    }

    @Test
    void losesAlmostAllBetweenQuantizedInputsAndTheSameType() throws IOException {
        RealisedAlpha realised = write(FileType.Q4_K_M, options(0.3f, FileType.Q4_K_M), 2)
                .realised()
                .orElseThrow();
        assertThat(realised.realised()).isBetween(0.0, 0.01);
        assertThat(realised.isLow()).isTrue();
        assertThat(write(FileType.Q8_0, options(0.3f, FileType.Q8_0), 1)
                        .realised()
                        .orElseThrow()
                        .isLow())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q6_K", "Q4_K_M", "BF16", "F16"})
    void arrivesWhereTheInputsAreFine(FileType type) throws IOException {
        RealisedAlpha realised =
                write(FileType.F16, options(0.5f, type), 2).realised().orElseThrow();
        assertThat(realised.realised()).isCloseTo(0.5, within(3.5 * realised.standardError() + 0.02));
        assertThat(realised.isLow()).isFalse();
    }

    /** Plain loops, ggml's own floats, and normal equations solved as such. */
    @Test
    void agreesWithAPlainComputationOverTheFinishedFile() throws IOException {
        ExpoReport report = write(FileType.F16, options(0.3f, FileType.Q4_K_M), 2);
        Map<String, Double> expected = new HashMap<>();
        try (GgufModel sft = GgufModel.open(DemoFiles.SFT);
                GgufModel aligned = GgufModel.open(DemoFiles.ALIGNED);
                GgufModel written = GgufModel.open(report.files().getFirst())) {
            for (int i = 0; i < written.header().tensors().size(); i++) {
                TensorInfo tensor = written.header().tensors().get(i);
                float[] from = GgmlFloats.of(sft, find(sft, tensor.name()));
                float[] to = GgmlFloats.of(aligned, find(aligned, tensor.name()));
                float[] result = GgmlFloats.of(written, tensor);
                expected.put(tensor.name(), 0.3f * leastSquares(0.3f, from, to, result));
            }
            for (TensorStep step : report.steps()) {
                double alpha = RealisedAlpha.of(step).orElseThrow().realised();
                assertThat(alpha).as(step.name()).isCloseTo(expected.get(step.name()), within(1e-9));
            }
            assertThat(report.steps()).hasSize(expected.size());
        }
    }

    private static TensorInfo find(GgufModel model, String name) {
        return model.header().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The x of {@code result - to = x * step + y * to}. */
    private static double leastSquares(float alpha, float[] from, float[] to, float[] result) {
        double dd = 0;
        double da = 0;
        double aa = 0;
        double cd = 0;
        double ca = 0;
        for (int i = 0; i < from.length; i++) {
            double step = to[i] + alpha * (to[i] - from[i]) - to[i];
            double change = result[i] - to[i];
            dd += step * step;
            da += step * to[i];
            aa += (double) to[i] * to[i];
            cd += change * step;
            ca += change * to[i];
        }
        return (cd * aa - ca * da) / (dd * aa - da * da);
    }

    @Test
    void isTheSameForAnyNumberOfThreadsAndInAnyCompany() throws IOException {
        List<TensorStep> one =
                write(FileType.F16, options(0.3f, FileType.Q4_K_M), 1).steps();
        assertThat(write(FileType.F16, options(0.3f, FileType.Q4_K_M), 3).steps())
                .isEqualTo(one);
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            List<ExpoReport> several = pair.writeAll(
                    List.of(
                            new Extrapolator.Output(options(1.5f, FileType.Q8_0), directory.resolve("a.gguf")),
                            new Extrapolator.Output(options(0.3f, FileType.Q4_K_M), directory.resolve("b.gguf"))),
                    OutputOptions.defaults());
            assertThat(several.get(1).steps()).isEqualTo(one);
            assertThat(several.get(0).realised().orElseThrow().realised()).isCloseTo(1.5, within(0.02));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "Q8_0", "Q4_K_M"})
    void isPredictedFromSomeRows(FileType inputs) throws IOException {
        PlanOptions options = options(0.3f, FileType.Q4_K_M);
        try (Extrapolator pair = Extrapolator.open(SFT.get(inputs), ALIGNED.get(inputs))) {
            List<TensorStep> steps = pair.predict(pair.plan(options), WorkOptions.defaults());
            RealisedAlpha predicted = RealisedAlpha.of(steps).orElseThrow();
            RealisedAlpha measured = write(inputs, options, 2).realised().orElseThrow();
            assertThat(predicted.realised())
                    .isCloseTo(measured.realised(), within(3 * predicted.standardError() + 0.02));
            assertThat(predicted.isLow()).isEqualTo(measured.isLow());
            assertThat(predicted.elements()).isLessThan(measured.elements());
            assertThat(predicted.error()).isCloseTo(measured.error(), within(0.2 * measured.error()));
            assertThat(pair.predict(pair.plan(options), WorkOptions.defaults().withThreads(3)))
                    .isEqualTo(steps);
        }
    }

    @Test
    void isRecordedInTheFile() throws IOException {
        ExpoReport report = write(FileType.F16, options(0.3f, FileType.Q8_0), 2);
        RealisedAlpha all = report.realised().orElseThrow();
        try (GgufModel written = GgufModel.open(report.files().getFirst())) {
            Metadata metadata = written.header().metadata();
            assertThat(metadata.get("expo.realised.alpha").orElseThrow().asDouble())
                    .isEqualTo((float) all.realised());
            assertThat(metadata.get("expo.realised.standard_error")
                            .orElseThrow()
                            .asDouble())
                    .isEqualTo((float) all.standardError());
            List<Float> tensors = new ArrayList<>();
            report.steps()
                    .forEach(step -> tensors.add(
                            (float) RealisedAlpha.of(step).orElseThrow().realised()));
            assertThat(metadata.get("expo.realised.tensors").orElseThrow().elementCount())
                    .isEqualTo(30);
            assertThat(metadata.get("expo.realised.tensors").orElseThrow().asDoubles())
                    .containsExactly(
                            tensors.stream().mapToDouble(Float::doubleValue).toArray());
        }
    }

    @Test
    void isNotRecordedWhereNothingIsExtrapolated() throws IOException {
        ExpoReport report = write(FileType.F16, options(0, FileType.Q8_0), 2);
        assertThat(report.realised()).isEmpty();
        try (GgufModel written = GgufModel.open(report.files().getFirst())) {
            assertThat(written.header().metadata().keys()).noneMatch(key -> key.startsWith("expo.realised"));
        }
    }

    @Test
    void isConfirmedByVerifyAndAnotherNumberIsFound() throws IOException {
        ExpoReport report = write(FileType.Q8_0, options(0.3f, FileType.Q8_0), 2);
        Path file = report.files().getFirst();
        assertThat(verify(file)).isEmpty();
        replace(file, (float) report.realised().orElseThrow().realised(), 0.3f);
        assertThat(verify(file))
                .anySatisfy(finding -> assertThat(finding.problem())
                        .startsWith("metadata 'expo.realised.alpha' is 0.3, expected 0.0"));
    }

    private List<Finding> verify(Path file) throws IOException {
        Ingredients<Path> inputs = Ingredients.pair(SFT.get(FileType.Q8_0), ALIGNED.get(FileType.Q8_0));
        return Verifier.verify(file, inputs, WorkOptions.defaults()).findings();
    }

    private static void replace(Path file, float from, float to) throws IOException {
        byte[] key = "expo.realised.alpha".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] header = new byte[1 << 16];
            data.readFully(header);
            int at = 0;
            while (!java.util.Arrays.equals(header, at, at + key.length, key, 0, key.length)) {
                at++;
            }
            ByteBuffer bytes = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            int value = at + key.length + Integer.BYTES; // behind the type
            assertThat(bytes.getFloat(value)).isEqualTo(from);
            data.seek(value);
            data.write(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(to)
                    .array());
        }
    }
}
