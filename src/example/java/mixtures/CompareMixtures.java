package mixtures;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.ImatrixRun;
import io.github.expogguf.run.MeasuredMixture;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.DivergenceOn;
import io.github.expogguf.score.Passages;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Compares the mixtures of llama.cpp with those that are chosen for the same size, without an importance matrix and
 * with one: how far the model's output diverges from that of the model as it is. Arguments: a model in F16, and a text
 * or prompts in a file that ends in {@code .jsonl}, as often as wanted. Divergence is that on the second half of the
 * text, or on the model's answers to every second prompt; what is measured on the model and the importance are of the
 * others.
 */
public final class CompareMixtures {

    private static final List<FileType> MIXTURES = List.of(FileType.Q4_K_M, FileType.Q3_K_M, FileType.IQ4_XS);

    private static final List<GgmlType> WITH_IQ = List.of(
            GgmlType.Q2_K,
            GgmlType.Q3_K,
            GgmlType.IQ3_S,
            GgmlType.IQ4_XS,
            GgmlType.Q4_K,
            GgmlType.Q5_K,
            GgmlType.Q6_K,
            GgmlType.Q8_0);

    private final Extrapolator extrapolator;
    private final AlignedReference reference;
    private final MeasuredMixture.Ruler ruler;
    private final String on;
    private final Path output;

    private CompareMixtures(Extrapolator extrapolator, AlignedReference reference, Halves halves, Path output) {
        this.extrapolator = extrapolator;
        this.reference = reference;
        this.ruler = halves.ruler();
        this.on = halves.words();
        this.output = output;
    }

    /**
     * Prints a table for each model.
     *
     * @param arguments models, each with a text or prompts
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("mixtures");
        try {
            for (int i = 0; i + 1 < arguments.length; i += 2) {
                table(Path.of(arguments[i]), Path.of(arguments[i + 1]), folder.resolve("out.gguf"));
            }
        } finally {
            Files.deleteIfExists(folder.resolve("out.gguf"));
            Files.delete(folder);
        }
    }

    private static void table(Path model, Path file, Path output) throws IOException {
        try (LlamaModel whole = LlamaModel.load(model, LoadOptions.defaults())) {
            Halves halves =
                    file.toString().endsWith(".jsonl") ? Halves.ofPrompts(whole, file) : Halves.ofText(whole, file);
            System.out.printf("%n%s, %s of %s%n%n", model.getFileName(), halves.held(), file.getFileName());
            System.out.println("| mixture | bytes | divergence, nats per token | of llama.cpp's | seconds |");
            System.out.println("|---|---:|---:|---:|---:|");
            try (AlignedReference reference = AlignedReference.of(
                            whole, halves.passages(), AlignedReference.DEFAULT_BYTES, ComputeOptions.defaults());
                    Extrapolator extrapolator = Extrapolator.open(model)) {
                Imatrix imatrix = ImatrixRun.compute(
                                extrapolator,
                                PlanOptions.builder().build(),
                                new ImatrixRun.CalibrationText(
                                        file.getFileName().toString(), halves.calibration()),
                                ImatrixOptions.defaults(),
                                LoadOptions.defaults(),
                                WorkOptions.defaults())
                        .imatrix(ImatrixRun.DEFAULT_NAME);
                CompareMixtures all = new CompareMixtures(extrapolator, reference, halves, output);
                for (FileType mixture : MIXTURES) {
                    all.compare(mixture, "", PlanOptions.builder().build());
                    all.compare(
                            mixture,
                            ", imatrix",
                            PlanOptions.builder().imatrix(imatrix).build());
                }
            }
        }
    }

    /**
     * What is measured, and what it is compared on.
     *
     * @param ruler       of the first half
     * @param words       what that is
     * @param calibration the first half as a text, for the importance matrix
     * @param held        what the second half is
     * @param passages    of the second half
     */
    private record Halves(
            MeasuredMixture.Ruler ruler, String words, String calibration, String held, List<Passage> passages) {

        private static final int CHUNK = 128;

        static Halves ofText(LlamaModel whole, Path file) throws IOException {
            String text = Files.readString(file);
            String first = text.substring(0, text.length() / 2);
            int[] tokens = whole.tokenize(text.substring(text.length() / 2));
            List<Passage> passages = new ArrayList<>();
            for (int from = 0; from + CHUNK <= tokens.length; from += CHUNK) {
                passages.add(new Passage(Arrays.copyOfRange(tokens, from, from + CHUNK), CHUNK / 2));
            }
            return new Halves(DivergenceOn.text(file.toString(), first), "a text", first, "second half", passages);
        }

        static Halves ofPrompts(LlamaModel whole, Path file) throws IOException {
            List<Prompt> prompts = PromptFile.read(file);
            List<Prompt> even = everySecond(prompts, 0);
            String calibration = answers(whole, even).stream()
                    .map(answer -> answer.prompt().messages().getLast().content() + "\n" + answer.text() + "\n")
                    .collect(Collectors.joining());
            return new Halves(
                    DivergenceOn.answers(even),
                    "answers",
                    calibration,
                    "answers to every second prompt",
                    Passages.ofAnswers(whole, answers(whole, everySecond(prompts, 1)), ComputeOptions.defaults()));
        }

        private static List<Answer> answers(LlamaModel whole, List<Prompt> prompts) {
            return Answers.generate(whole, prompts, GenerationOptions.greedy(128), ComputeOptions.defaults());
        }

        private static List<Prompt> everySecond(List<Prompt> prompts, int first) {
            return IntStream.range(0, prompts.size())
                    .filter(index -> index % 2 == first)
                    .mapToObj(prompts::get)
                    .toList();
        }
    }

    /** Mean and standard error over chunks or answers. */
    private record Divergence(double mean, double error) {

        static Divergence of(List<Double> values) {
            double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
            double squares = values.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .sum();
            return new Divergence(mean, Math.sqrt(squares / (values.size() - 1) / values.size()));
        }
    }

    /** A mixture of llama.cpp, and others of its size with the same importance, or none. */
    private void compare(FileType mixture, String importance, PlanOptions options) throws IOException {
        PlanOptions theirs = options.toBuilder().fileType(mixture).build();
        double base = row(mixture.name() + importance, theirs, Double.NaN);
        SizeTarget size = SizeTarget.ofBytes(Files.size(output));
        for (SizeTarget target : List.of(size, size.withTypes(WITH_IQ))) {
            String name = "its size" + importance + (target.types().equals(WITH_IQ) ? ", K and IQ types" : ", K types");
            PlanOptions sized = options.toBuilder().sizeTarget(target).build();
            row(name, sized, base);
            long before = System.nanoTime();
            PlanOptions measured = MeasuredMixture.find(extrapolator, sized, ruler, OutputOptions.defaults())
                    .options();
            double seconds = (System.nanoTime() - before) / 1e9;
            row(String.format(Locale.ROOT, "%s, measured on %s (%.0f s)", name, on, seconds), measured, base);
        }
    }

    private double row(String name, PlanOptions options, double base) throws IOException {
        long before = System.nanoTime();
        extrapolator.write(options, output, OutputOptions.defaults().withForce(true));
        double seconds = (System.nanoTime() - before) / 1e9;
        Divergence found;
        try (LlamaModel quantized = LlamaModel.load(output, LoadOptions.defaults())) {
            found = Divergence.of(
                    reference.compare(quantized, ComputeOptions.defaults()).kl());
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d | %.5f ± %.5f | %s | %.1f |%n",
                name,
                Files.size(output),
                found.mean,
                found.error,
                Double.isNaN(base) ? "" : String.format(Locale.ROOT, "%.2f", found.mean / base),
                seconds);
        return found.mean;
    }
}
