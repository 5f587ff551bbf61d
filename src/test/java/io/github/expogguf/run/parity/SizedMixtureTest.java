package io.github.expogguf.run.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.MeasuredMixture;
import io.github.expogguf.run.SizedMixture;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.DivergenceOn;
import io.github.expogguf.score.Passages;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mixtures for a size: the size, the errors that decide, and the bytes that llama.cpp makes of the rules. */
class SizedMixtureTest {

    private static final Path SFT = DemoFiles.DIRECTORY.resolve("guide-sft-f16.gguf");
    private static final Path ALIGNED = DemoFiles.DIRECTORY.resolve("guide-dpo-20-f16.gguf");
    /** Elements of a tensor that are looked at, all of those that have no more. */
    private static final long SAMPLE = 64 * 1024;

    private static final OutputOptions HOW = OutputOptions.defaults();

    @TempDir
    private Path directory;

    private static PlanOptions sized(long bytes) {
        return PlanOptions.builder().sizeTarget(SizeTarget.ofBytes(bytes)).build();
    }

    @ParameterizedTest
    @CsvSource({"800000", "1000000", "1234567", "1500000", "2000000"})
    void keepsToTheSizeAndVerifies(long bytes) throws IOException {
        Path output = directory.resolve("out.gguf");
        PlanOptions options = sized(bytes).withAlpha(0.5f);
        try (Extrapolator pair = Extrapolator.open(SFT, ALIGNED)) {
            SizedMixture mixture = pair.mixture(options, HOW);
            pair.write(mixture.options(), output, HOW);
            assertThat(Files.size(output)).isEqualTo(mixture.bytes()).isBetween((long) (0.995 * bytes), bytes);
            pair.write(options, directory.resolve("same.gguf"), HOW);
        }
        assertThat(directory.resolve("same.gguf")).hasSameBinaryContentAs(output);
        VerificationReport report = Verifier.verify(output, Ingredients.pair(SFT, ALIGNED), WorkOptions.defaults());
        assertThat(report.passed() && report.recomputed()).isTrue();
    }

    @Test
    void keepsToBitsPerWeight() throws IOException {
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            PlanOptions options = PlanOptions.builder()
                    .sizeTarget(SizeTarget.ofBitsPerWeight(4.8))
                    .build();
            assertThat(model.plan(model.mixture(options, HOW).options()).bitsPerWeight())
                    .isBetween(0.995 * 4.8, 4.8);
        }
    }

    @Test
    void saysHowFarTheMeasuringIs() throws IOException {
        List<Progress> heard = new ArrayList<>();
        WorkOptions work = WorkOptions.builder().listener(heard::add).build();
        try (Extrapolator pair = Extrapolator.open(SFT, ALIGNED)) {
            pair.mixture(sized(1_100_000).withAlpha(1), HOW.withWork(work));
            assertThat(heard)
                    .hasSizeGreaterThan(15) // of 30 tensors
                    .allMatch(progress -> progress.stage() == Progress.Stage.MEASURE);
        }
        assertThat(heard.getFirst().done()).isZero();
        assertThat(heard.getLast().done()).isEqualTo(heard.getLast().total()).isPositive();
        assertThat(heard).isSortedAccordingTo(Comparator.comparingLong(Progress::done));
    }

    @Test
    void isTheSameForAnyNumberOfThreads() throws IOException {
        try (Extrapolator pair = Extrapolator.open(SFT, ALIGNED)) {
            PlanOptions options = sized(1_100_000).withAlpha(1);
            assertThat(pair.mixture(options, HOW.withThreads(1))).isEqualTo(pair.mixture(options, HOW.withThreads(5)));
        }
    }

    /** Small tensors are looked at in full; what is left of them is what ggml reads in the file. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void errorsAreThoseOfTheFile(boolean isWeighed) throws IOException {
        TinyModel tiny = TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)).withMatrices(GgmlType.F32);
        Path file = tiny.write(directory.resolve("model.gguf"), TensorValues.random(4));
        Path output = directory.resolve("out.gguf");
        Imatrix imatrix = tiny.imatrix(3);
        PlanOptions.Builder options = PlanOptions.builder().sizeTarget(SizeTarget.ofBitsPerWeight(5));
        if (isWeighed) {
            options.imatrix(imatrix);
        }
        SizedMixture mixture;
        try (Extrapolator model = Extrapolator.open(file)) {
            mixture = model.mixture(options.build(), HOW);
            model.write(mixture.options(), output, HOW);
        }
        int compared = 0;
        try (GgufModel before = GgufModel.open(file);
                GgufModel after = GgufModel.open(output)) {
            for (SizedMixture.Chosen chosen : mixture.tensors()) {
                TensorInfo tensor = tensor(before, chosen.name());
                if (tensor.shape().elementCount() > SAMPLE) {
                    continue;
                }
                compared++;
                float[] weights = isWeighed ? imatrix.weights(chosen.name()).orElse(null) : null;
                float[] left = GgmlFloats.of(after, tensor(after, chosen.name()));
                assertThat(chosen.error())
                        .as(chosen.toString())
                        .isCloseTo(
                                error(
                                        GgmlFloats.of(before, tensor),
                                        left,
                                        tensor.shape().rowLength(),
                                        weights),
                                within(1e-12));
            }
        }
        assertThat(compared).isGreaterThan(10);
    }

    private static TensorInfo tensor(GgufModel model, String name) {
        return model.header().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static double error(float[] values, float[] left, long rowLength, float @Nullable [] weights) {
        double changes = 0;
        double all = 0;
        for (int i = 0; i < values.length; i++) {
            double weight = weights == null ? 1 : weights[(int) (i % rowLength)];
            changes += weight * ((double) values[i] - left[i]) * ((double) values[i] - left[i]);
            all += weight * values[i] * values[i];
        }
        return changes / all;
    }

    private enum Model {
        LLAMA(TinyModels.llama(Sizes.of(3, 256, 512, 4, 2))),
        TIED(TinyModels.qwen2(Sizes.of(2, 256, 512, 4, 2).withTiedEmbeddings())),
        EXPERTS(TinyModels.llama(Sizes.of(2, 256, 256, 4, 2).withExperts(4))),
        NARROW(TinyModels.qwen2(Sizes.of(2, 96, 160, 3, 3)));

        private final TinyModel model;

        Model(TinyModel model) {
            this.model = model;
        }
    }

    @ParameterizedTest
    @EnumSource(Model.class)
    void llamaQuantizeMakesTheSameBytesOfTheRules(Model model) throws IOException {
        Path file =
                model.model.withMatrices(GgmlType.F32).write(directory.resolve("model.gguf"), TensorValues.random(1));
        Path output = directory.resolve("out.gguf");
        Path expected = directory.resolve("expected.gguf");
        try (Extrapolator one = Extrapolator.open(file)) {
            PlanOptions options = PlanOptions.builder()
                    .sizeTarget(SizeTarget.ofBitsPerWeight(7.5))
                    .build();
            SizedMixture mixture = one.mixture(options, HOW);
            assertThat(mixture.tensors())
                    .extracting(SizedMixture.Chosen::type)
                    .as("types")
                    .satisfies(types -> assertThat(types.stream().distinct()).hasSizeGreaterThan(1));
            one.write(mixture.options(), output, HOW);
            NativeQuantizer.quantize(file, expected, mixture.options());
        }
        ParityCheck.compareTensors(model.name(), output, expected, file, file);
    }

    @Test
    void keepsTypesThatRulesAndOptionsName() throws IOException {
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            PlanOptions options = sized(1_200_000).toBuilder()
                    .tensorTypes(List.of(TensorTypeRule.parse("ffn_down=Q8_0")))
                    .outputTensorType(GgmlType.Q5_K)
                    .build();
            SizedMixture mixture = model.mixture(options, HOW);
            assertThat(mixture.bytes()).isBetween(1_194_000L, 1_200_000L);
            assertThat(mixture.tensors())
                    .noneMatch(chosen ->
                            chosen.name().contains("ffn_down") || chosen.name().equals("output.weight"));
            Plan plan = model.plan(mixture.options());
            assertThat(plan.tasks()).allSatisfy(task -> {
                if (task.aligned().name().contains("ffn_down")) {
                    assertThat(task.targetType()).isEqualTo(GgmlType.Q8_0);
                } else if (task.aligned().name().equals("output.weight")) {
                    assertThat(task.targetType()).isEqualTo(GgmlType.Q5_K);
                }
            });
        }
    }

    @Test
    void choosesOnlyAmongTheTypesThatAreAllowed() throws IOException {
        List<GgmlType> types = List.of(GgmlType.IQ3_S, GgmlType.IQ4_XS, GgmlType.Q6_K);
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            SizeTarget target = SizeTarget.ofBytes(1_100_000).withTypes(types);
            SizedMixture mixture =
                    model.mixture(PlanOptions.builder().sizeTarget(target).build(), HOW);
            assertThat(mixture.tensors()).allMatch(chosen -> types.contains(chosen.type()));
        }
    }

    /** Of a model that is quantized already, what may stay as it is loses nothing. */
    @Test
    void keepsWhatIsQuantizedAlreadyWhereThereIsRoom() throws IOException {
        Path quantized = directory.resolve("quantized.gguf");
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            model.write(PlanOptions.builder().fileType(FileType.IQ4_XS).build(), quantized, HOW);
        }
        try (Extrapolator model = Extrapolator.open(quantized)) {
            SizedMixture mixture = model.mixture(sized(Files.size(quantized) - 20_000), HOW);
            assertThat(mixture.tensors())
                    .filteredOn(chosen -> chosen.type() == GgmlType.IQ4_XS)
                    .hasSizeGreaterThan(10)
                    .allMatch(chosen -> chosen.error() == 0);
        }
    }

    @Test
    void refusesSizesThatNoTypesMake() throws IOException {
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            List<Progress> heard = new ArrayList<>();
            OutputOptions how = HOW.withListener(heard::add);
            assertThatThrownBy(() -> model.mixture(sized(500_000), how))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("as small as 500000 bytes")
                    .hasMessageContaining("the smallest has 6");
            assertThatThrownBy(() -> model.mixture(sized(3_000_000), how))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("as large as 3000000 bytes")
                    .hasMessageContaining("the largest has 21");
            PlanOptions ruled = sized(900_000).toBuilder()
                    .tensorTypes(List.of(TensorTypeRule.parse("ffn=q8_0")))
                    .build();
            assertThatThrownBy(() -> model.mixture(ruled, how))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            " % of it in tensors that rules and options name or that are never quantized;");
            assertThat(heard).as("measured, which may take hours").isEmpty();
            SizeTarget needsImportance = SizeTarget.ofBytes(1_000_000).withTypes(List.of(GgmlType.IQ2_XXS));
            assertThatThrownBy(() -> model.mixture(
                            PlanOptions.builder().sizeTarget(needsImportance).build(), HOW))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageContaining("imatrix");
            assertThatThrownBy(() -> model.plan(sized(1_000_000)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("size");
        }
    }

    /** Measured on half of a text, compared on the other half: a tenth lower at least, at no more bytes. */
    @ParameterizedTest
    @EnumSource(
            value = FileType.class,
            names = {"Q4_K_M"})
    void divergesLessThanTheMixtureOfLlamaCpp(FileType fileType) throws IOException {
        String text = DemoFiles.calibrationText();
        Path theirs = directory.resolve("theirs.gguf");
        Path ours = directory.resolve("ours.gguf");
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            model.write(PlanOptions.builder().fileType(fileType).build(), theirs, HOW);
            SizedMixture mixture = MeasuredMixture.find(
                    model,
                    sized(Files.size(theirs)),
                    DivergenceOn.text("text", text.substring(0, text.length() / 2)),
                    HOW);
            model.write(mixture.options(), ours, HOW);
        }
        assertThat(Files.size(ours)).isLessThanOrEqualTo(Files.size(theirs));
        Map<Path, Double> divergence = divergence(text.substring(text.length() / 2), List.of(theirs, ours));
        assertThat(divergence.get(ours)).isLessThan(0.9 * divergence.get(theirs));
    }

    /** The same on answers: measured on those to every second prompt, compared on those to the others. */
    @Test
    void divergesLessOnAnswersToOtherPromptsThanTheMixtureOfLlamaCpp() throws IOException {
        List<Prompt> prompts = PromptFile.read(DemoFiles.DIRECTORY.resolve("prompts.jsonl"));
        Path theirs = directory.resolve("theirs.gguf");
        Path ours = directory.resolve("ours.gguf");
        try (Extrapolator model = Extrapolator.open(ALIGNED)) {
            model.write(PlanOptions.builder().fileType(FileType.Q3_K_M).build(), theirs, HOW);
            SizedMixture mixture = MeasuredMixture.find(
                    model, sized(Files.size(theirs)), DivergenceOn.answers(everySecond(prompts, 0)), HOW);
            model.write(mixture.options(), ours, HOW);
        }
        assertThat(Files.size(ours)).isLessThanOrEqualTo(Files.size(theirs));
        ComputeOptions how = ComputeOptions.defaults();
        try (LlamaModel aligned = LlamaModel.load(ALIGNED, LoadOptions.defaults())) {
            List<Answer> answers =
                    Answers.generate(aligned, everySecond(prompts, 1), GenerationOptions.greedy(100), how);
            try (AlignedReference reference = AlignedReference.of(
                    aligned, Passages.ofAnswers(aligned, answers, how), AlignedReference.DEFAULT_BYTES, how)) {
                assertThat(divergence(reference, ours, how)).isLessThan(0.9 * divergence(reference, theirs, how));
            }
        }
    }

    private static List<Prompt> everySecond(List<Prompt> prompts, int first) {
        return IntStream.range(0, prompts.size())
                .filter(index -> index % 2 == first)
                .mapToObj(prompts::get)
                .toList();
    }

    private static Map<Path, Double> divergence(String text, List<Path> files) throws IOException {
        try (LlamaModel aligned = LlamaModel.load(ALIGNED, LoadOptions.defaults())) {
            int[] tokens = aligned.tokenize(text);
            List<Passage> passages = new ArrayList<>();
            for (int from = 0; from + 128 <= tokens.length; from += 128) {
                passages.add(new Passage(Arrays.copyOfRange(tokens, from, from + 128), 64));
            }
            ComputeOptions how = ComputeOptions.defaults();
            try (AlignedReference reference =
                    AlignedReference.of(aligned, passages, AlignedReference.DEFAULT_BYTES, how)) {
                return files.stream().collect(Collectors.toMap(file -> file, file -> divergence(reference, file, how)));
            }
        }
    }

    private static double divergence(AlignedReference reference, Path file, ComputeOptions how) {
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults())) {
            return reference.compare(model, how).kl().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
