package io.github.expogguf.bench;

import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Times the tokens of a pair whose logits are extrapolated beside those of the aligned model alone, in turn, one answer
 * at a time and eight. The SFT model is a copy of the aligned one in memory of its own: at alpha 1 both say exactly the
 * same, {@code 2 * x - x}, so that the same tokens are timed. Arguments: rounds, millions of weights of a random model
 * with a vocabulary of 32,000 tokens, and files of models.
 */
public final class LogitCost {

    /** CPU time is the time on the clock where one thread computes and nothing else does. */
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final double MOST = 2.2;
    private static final long WARM_UP_NANOS = 3_000_000_000L; // until Java has compiled what it runs
    private static final int ANSWERS = 8;
    private static final int PROMPT_TOKENS = 12;
    private static final int ANSWER_TOKENS = 24;

    private LogitCost() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 9;
        int millions = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 50;
        List<Path> given = Stream.of(arguments).skip(2).map(Path::of).toList();
        System.out.printf("%d rounds on one thread; CPU time of a token%n", rounds);
        System.out.println("model                        answers   alone     pair      ratio  (least .. most)");
        List<Double> medians = new ArrayList<>();
        Path random = Files.createTempFile("random", ".gguf");
        try {
            RandomPair pair = new RandomPair(millions * 1_000_000L, true);
            pair.write(random);
            String size = pair.elementCount() / 1_000_000 + "M F16, random";
            for (Path model : given.isEmpty() ? List.of(Path.of("src/demo/guide-dpo-20-f16.gguf"), random) : given) {
                medians.addAll(compare(model, model.equals(random) ? size : name(model), rounds));
            }
        } finally {
            Files.delete(random);
        }
        double worst = medians.stream().mapToDouble(ratio -> ratio).max().orElseThrow();
        System.out.printf(
                "a token of a pair takes at most %.2f times as long (medians); %.1f is the target: %s%n",
                worst, MOST, worst <= MOST ? "kept" : "missed");
    }

    private static String name(Path model) {
        return model.getFileName().toString();
    }

    private static List<Double> compare(Path file, String name, int rounds) throws IOException {
        LoadOptions inMemory = LoadOptions.defaults().withMemoryMapped(false);
        try (LlamaModel copy = LlamaModel.load(file, inMemory);
                LlamaModel aligned = LlamaModel.load(file, inMemory);
                LogitPair pair = LogitPair.of(copy, aligned, 1)) {
            List<int[]> prompts = prompts(aligned);
            return List.of(
                    compare(name, aligned, pair.model(), prompts, 1, rounds),
                    compare(name, aligned, pair.model(), prompts, ANSWERS, rounds));
        }
    }

    private static List<int[]> prompts(LlamaModel model) {
        SplittableRandom random = new SplittableRandom(1);
        return IntStream.range(0, ANSWERS)
                .mapToObj(_ ->
                        random.ints(PROMPT_TOKENS, 3, model.vocabularySize()).toArray())
                .toList();
    }

    private static double compare(
            String name, LlamaModel aligned, LlamaModel pair, List<int[]> prompts, int sequences, int rounds) {
        ContextOptions options = ContextOptions.defaults()
                .withContextTokens(256)
                .withSequences(sequences)
                .withThreads(1);
        List<Double> ratios = new ArrayList<>();
        List<Double> alone = new ArrayList<>();
        List<Double> both = new ArrayList<>();
        try (LlamaContext one = LlamaContext.open(aligned, options);
                LlamaContext two = LlamaContext.open(pair, options)) {
            long warm = System.nanoTime() + WARM_UP_NANOS;
            while (ratios.size() < rounds) {
                Run first = run(one, prompts);
                Run second = run(two, prompts);
                if (!first.answers.equals(second.answers)) {
                    throw new AssertionError("the pair says something else");
                }
                if (System.nanoTime() > warm) {
                    alone.add(first.millis);
                    both.add(second.millis);
                    ratios.add(second.millis / first.millis);
                }
            }
        }
        ratios.sort(null);
        double median = median(ratios);
        System.out.printf(
                "%-28s %7d  %6.3f ms %6.3f ms  %5.2f  (%.2f .. %.2f)%n",
                name, sequences, median(alone), median(both), median, ratios.getFirst(), ratios.getLast());
        return median;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** CPU time of a token, the prompts read in it, and what was said. */
    private record Run(double millis, List<Generation> answers) {}

    private static Run run(LlamaContext context, List<int[]> prompts) {
        long start = THREADS.getCurrentThreadCpuTime();
        List<Generation> answers =
                context.generateTokens(prompts, GenerationOptions.greedy(ANSWER_TOKENS), (_, _) -> true);
        double millis = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
        return new Run(
                millis
                        / answers.stream()
                                .mapToInt(answer -> answer.tokens().size())
                                .sum(),
                answers);
    }
}
