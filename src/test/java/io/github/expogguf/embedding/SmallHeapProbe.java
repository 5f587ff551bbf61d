package io.github.expogguf.embedding;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Main class: fills the heap up to some kilobytes, fewer with every round, and uses the library with what is left. Each
 * use ends in a result or in an error; when there is room again, all works as before.
 */
final class SmallHeapProbe {

    private static final int[] FREE_KIB = {2048, 768, 384, 192, 64, 16};

    private static List<byte[]> ballast = new ArrayList<>();

    private SmallHeapProbe() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        Path demo = Path.of(arguments[1]);
        List<Callable<Object>> uses = List.of(() -> write(directory, demo), () -> generate(demo), () -> live(demo));
        for (Callable<Object> use : uses) {
            use.call(); // all classes are loaded now
        }
        int errors = 0;
        int results = 0;
        for (int kib : FREE_KIB) {
            for (Callable<Object> use : uses) {
                fillUpTo(kib);
                try {
                    use.call();
                    results++;
                } catch (OutOfMemoryError e) {
                    errors++;
                } finally {
                    ballast = new ArrayList<>();
                }
            }
        }
        for (Callable<Object> use : uses) {
            use.call();
        }
        System.out.println("out of memory " + errors + ", results " + results);
        System.exit(0);
    }

    private static void fillUpTo(int kib) {
        byte[][] reserve = new byte[1][kib << 10];
        try {
            while (true) {
                ballast.add(new byte[16 << 10]);
            }
        } catch (OutOfMemoryError _) {
            reserve[0] = null;
        }
    }

    private static PlanOptions options() {
        return PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build();
    }

    private static Object write(Path directory, Path demo) throws Exception {
        try (Extrapolator pair = open(demo)) {
            return pair.write(
                    options(),
                    directory.resolve("small-heap.gguf"),
                    OutputOptions.defaults().withForce(true));
        }
    }

    private static Extrapolator open(Path demo) throws Exception {
        return Extrapolator.open(demo.resolve("guide-sft-f16.gguf"), demo.resolve("guide-dpo-20-f16.gguf"));
    }

    private static Object generate(Path demo) throws Exception {
        try (LlamaModel model = LlamaModel.load(demo.resolve("guide-sft-f16.gguf"), LoadOptions.defaults());
                LlamaContext context = LlamaContext.open(
                        model,
                        ContextOptions.builder()
                                .contextTokens(64)
                                .batchTokens(64)
                                .threads(2)
                                .build())) {
            return context.generate("Which city", GenerationOptions.greedy(4));
        }
    }

    private static Object live(Path demo) throws Exception {
        try (Extrapolator pair = open(demo);
                LiveModel live = LiveModel.open(pair, options(), WorkOptions.defaults())) {
            live.setAlpha(0.2f);
            return live.alpha();
        }
    }
}
