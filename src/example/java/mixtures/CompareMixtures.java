package mixtures;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.MeasuredMixture;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.DivergenceOn;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares the mixtures of llama.cpp with those that are chosen for the same size: how far the model's output diverges
 * from that of the model as it is, on the second half of a text; what is measured on the model, is measured on the
 * first. Arguments: a model in F16 and a text, as often as wanted.
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

    private static final int CHUNK = 128;

    private final Path model;
    private final String first;
    private final String second;
    private final Path output;

    private CompareMixtures(Path model, String text, Path output) {
        this.model = model;
        this.first = text.substring(0, text.length() / 2);
        this.second = text.substring(text.length() / 2);
        this.output = output;
    }

    /**
     * Prints a table for each model.
     *
     * @param arguments models and texts
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("mixtures");
        try {
            for (int i = 0; i + 1 < arguments.length; i += 2) {
                Path model = Path.of(arguments[i]);
                System.out.printf("%n%s%n%n", model.getFileName());
                System.out.println("| mixture | bytes | divergence, nats per token | of llama.cpp's | seconds |");
                System.out.println("|---|---:|---:|---:|---:|");
                new CompareMixtures(model, Files.readString(Path.of(arguments[i + 1])), folder.resolve("out.gguf"))
                        .run();
            }
        } finally {
            Files.deleteIfExists(folder.resolve("out.gguf"));
            Files.delete(folder);
        }
    }

    /** Mean and standard error over the chunks of the text. */
    private record Divergence(double mean, double error) {

        static Divergence of(List<Double> values) {
            double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
            double squares = values.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .sum();
            return new Divergence(mean, Math.sqrt(squares / (values.size() - 1) / values.size()));
        }
    }

    private void run() throws IOException {
        ComputeOptions how = ComputeOptions.defaults();
        try (LlamaModel whole = LlamaModel.load(model, LoadOptions.defaults());
                AlignedReference reference =
                        AlignedReference.of(whole, passages(whole), AlignedReference.DEFAULT_BYTES, how);
                Extrapolator extrapolator = Extrapolator.open(model)) {
            for (FileType mixture : MIXTURES) {
                PlanOptions theirs = PlanOptions.builder().fileType(mixture).build();
                double base = row(mixture.name(), theirs, extrapolator, reference, Double.NaN);
                long bytes = Files.size(output);
                SizeTarget size = SizeTarget.ofBytes(bytes);
                for (SizeTarget target : List.of(size, size.withTypes(WITH_IQ))) {
                    String types = target.types().equals(WITH_IQ) ? "K and IQ types" : "K types";
                    PlanOptions sized = PlanOptions.builder().sizeTarget(target).build();
                    row("its size, " + types, sized, extrapolator, reference, base);
                    long before = System.nanoTime();
                    PlanOptions measured = MeasuredMixture.find(
                                    extrapolator, sized, DivergenceOn.text("text", first), OutputOptions.defaults())
                            .options();
                    row(
                            String.format(
                                    Locale.ROOT,
                                    "its size, %s, measured on a text (%.0f s)",
                                    types,
                                    (System.nanoTime() - before) / 1e9),
                            measured,
                            extrapolator,
                            reference,
                            base);
                }
            }
        }
    }

    private double row(
            String name, PlanOptions options, Extrapolator extrapolator, AlignedReference reference, double base)
            throws IOException {
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

    private List<Passage> passages(LlamaModel whole) {
        int[] tokens = whole.tokenize(second);
        List<Passage> passages = new ArrayList<>();
        for (int from = 0; from + CHUNK <= tokens.length; from += CHUNK) {
            passages.add(new Passage(Arrays.copyOfRange(tokens, from, from + CHUNK), CHUNK / 2));
        }
        return passages;
    }
}
