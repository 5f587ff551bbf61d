package rounding;

import com.google.gson.JsonParser;
import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.demo.GuideReward;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.run.ExpoReport;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Passages;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Compares rounding to nearest with stochastic rounding on the trained miniature family: what arrives of alpha, the
 * reward of sampled answers, and the divergence from what F16 inputs give in F16 at the same alpha. Arguments: the
 * family's directory, pairs.
 */
public final class CompareRounding {

    private record Types(FileType inputs, FileType output) {}

    private static final List<Types> TYPES = List.of(
            new Types(FileType.BF16, FileType.BF16),
            new Types(FileType.BF16, FileType.F16),
            new Types(FileType.F16, FileType.Q8_0),
            new Types(FileType.F16, FileType.Q4_K_M),
            new Types(FileType.Q8_0, FileType.Q8_0),
            new Types(FileType.Q8_0, FileType.Q4_K_M),
            new Types(FileType.Q4_K_M, FileType.Q4_K_M));

    private static final float[] ALPHAS = {0.1f, 0.3f, 0.5f, 1.5f};

    /** As in the training's evaluation (train_pair.py). */
    private static final int SAMPLES = 3;

    private static final GenerationOptions SAMPLED = GenerationOptions.greedy(64)
            .withSampling(SamplingOptions.builder().temperature(0.7f).seed(1).build());

    /** Answers that the divergence is measured on. */
    private static final int COMPARED = 64;

    private static final ComputeOptions HOW = ComputeOptions.defaults().withSequences(32);

    private final Path family;
    private final Path work;
    private final List<Prompt> prompts = new ArrayList<>();

    private CompareRounding(Path family, Path work) throws IOException {
        this.family = family;
        this.work = work;
        for (String line : Files.readAllLines(family.resolve("prompts.jsonl"))) {
            Prompt prompt = Prompt.of(
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString());
            for (int i = 0; i < SAMPLES; i++) {
                prompts.add(prompt);
            }
        }
    }

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        long start = System.nanoTime();
        Path work = Files.createTempDirectory("expo-rounding");
        try {
            CompareRounding comparison = new CompareRounding(Path.of(arguments[0]), work);
            for (int i = 1; i < arguments.length; i++) {
                comparison.compare(arguments[i]);
            }
        } finally {
            try (var files = Files.list(work)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(work);
        }
        System.out.printf(Locale.ROOT, "%.0f s%n", (System.nanoTime() - start) / 1e9);
    }

    private void compare(String pair) throws IOException {
        System.out.printf("%s: nearest | stochastic; reward of F16 to F16 in brackets%n%n", pair);
        System.out.println("| inputs | output | alpha | realised | reward | KL to F16 |");
        System.out.println("|---|---|---|---|---|---|");
        for (float alpha : ALPHAS) {
            PlanOptions exact =
                    PlanOptions.builder().alpha(alpha).fileType(FileType.F16).build();
            Path best = write(input("sft", FileType.F16), input(pair, FileType.F16), exact)
                    .files()
                    .getFirst();
            try (LlamaModel model = LlamaModel.load(best, LoadOptions.defaults())) {
                List<Answer> answers = Answers.generate(model, prompts, SAMPLED, HOW);
                List<Passage> passages = Passages.ofAnswers(model, answers.subList(0, COMPARED), HOW);
                try (AlignedReference reference =
                        AlignedReference.of(model, passages, AlignedReference.DEFAULT_BYTES, HOW)) {
                    compare(pair, alpha, reward(answers), reference);
                }
            }
        }
        System.out.println();
    }

    private void compare(String pair, float alpha, double reward, AlignedReference reference) throws IOException {
        for (Types types : TYPES) {
            PlanOptions nearest = PlanOptions.builder()
                    .alpha(alpha)
                    .fileType(types.output)
                    .rounding(Rounding.NEAREST)
                    .build();
            PlanOptions random =
                    nearest.toBuilder().rounding(new Rounding.Stochastic(1)).build();
            Measured plain = measure(pair, types.inputs, nearest, reference);
            Measured stochastic = measure(pair, types.inputs, random, reference);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %s | %.1f | %.3f ± %.3f \\| %.3f ± %.3f | %.2f \\| %.2f (%.2f) | %.6f \\| %.6f |%n",
                    types.inputs,
                    types.output,
                    alpha,
                    plain.alpha.realised(),
                    plain.alpha.standardError(),
                    stochastic.alpha.realised(),
                    stochastic.alpha.standardError(),
                    plain.reward,
                    stochastic.reward,
                    reward,
                    plain.kl,
                    stochastic.kl);
        }
    }

    private record Measured(RealisedAlpha alpha, double reward, double kl) {}

    private Measured measure(String pair, FileType inputs, PlanOptions options, AlignedReference reference)
            throws IOException {
        ExpoReport report = write(input("sft", inputs), input(pair, inputs), options);
        try (LlamaModel model = LlamaModel.load(report.files().getFirst(), LoadOptions.defaults())) {
            double reward = reward(Answers.generate(model, prompts, SAMPLED, HOW));
            return new Measured(
                    report.realised().orElseThrow(),
                    reward,
                    reference.compare(model, HOW).meanKl());
        }
    }

    private static double reward(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer -> GuideReward.attributes(answer.prompt().text(), answer.text())
                        .reward())
                .average()
                .orElseThrow();
    }

    private ExpoReport write(Path sft, Path aligned, PlanOptions options) throws IOException {
        try (Extrapolator models = Extrapolator.open(sft, aligned)) {
            String name =
                    aligned.startsWith(family) && options.fileType().orElseThrow() == FileType.F16 ? "exact" : "out";
            return models.write(
                    options,
                    work.resolve(name + ".gguf"),
                    OutputOptions.defaults().withForce(true));
        }
    }

    /** The model of the family in a type; quantized when first asked for. */
    private Path input(String name, FileType type) throws IOException {
        Path trained = family.resolve("guide-" + name + "-f16.gguf");
        if (type == FileType.F16) {
            return trained;
        }
        Path quantized = work.resolve(name + "-" + type + ".gguf");
        if (!Files.exists(quantized)) {
            try (Extrapolator model = Extrapolator.open(trained)) {
                model.write(PlanOptions.builder().fileType(type).build(), quantized, OutputOptions.defaults());
            }
        }
        return quantized;
    }
}
