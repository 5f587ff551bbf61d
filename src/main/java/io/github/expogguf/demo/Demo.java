package io.github.expogguf.demo;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.Generation;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.thread.Failure;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Shows on a miniature pair that extrapolation works, and where it stops working: extrapolates at a few alphas, loads
 * every result with llama.cpp in this process, answers 138 held-out questions greedily and computes the ground-truth
 * reward of the answers. Writes to a temporary directory of its own and removes it.
 */
public final class Demo {

    private static final int SEQUENCES = 32; // measured: 1 to 138 are about as fast; more only need more memory
    private static final int CONTEXT_TOKENS = 256;
    private static final int MAX_TOKENS = 64; // as in the evaluation of train_pair.py

    private final DemoOptions options;
    private final Listener listener;
    private final Cancellation cancellation;
    private final List<DemoPrompt> prompts = DemoFamily.prompts();
    private int done; // models that have answered; guarded by this
    private volatile boolean failed;

    private Demo(DemoOptions options, Listener listener, Cancellation cancellation) {
        this.options = options;
        this.listener = listener;
        this.cancellation = cancellation;
    }

    /** Hears of progress, on one thread at a time. */
    @FunctionalInterface
    public interface Listener {

        /**
         * A model has answered.
         *
         * @param done  models that have answered
         * @param total models that will
         * @param model the one that did last
         */
        void progress(int done, int total, DemoModel model);
    }

    /**
     * Runs the demonstration.
     *
     * @param listener     hears of every model
     * @param cancellation stops it from another thread
     * @throws IOException        if the temporary directory cannot be written
     * @throws CancelledException if it was stopped
     */
    public static DemoResult run(DemoOptions options, Listener listener, Cancellation cancellation) throws IOException {
        long start = System.nanoTime();
        Demo demo = new Demo(options, listener, cancellation);
        Path directory = Files.createTempDirectory("expo-gguf-demo");
        try {
            List<DemoModel> models = demo.models(directory);
            return new DemoResult(demo.prompts, models, System.nanoTime() - start);
        } finally {
            delete(directory);
        }
    }

    private List<DemoModel> models(Path directory) throws IOException {
        Path sft = DemoFamily.unpack(DemoFamily.SFT, directory);
        Path aligned = DemoFamily.unpack(DemoFamily.ALIGNED, directory);
        try (ExecutorService workers = Executors.newFixedThreadPool(options.threads())) {
            List<Future<DemoModel>> jobs = new ArrayList<>();
            for (FileType type : options.fileTypes()) {
                jobs.add(workers.submit(() -> model(sft, aligned, type, OptionalDouble.empty())));
                for (float alpha : options.alphas()) {
                    jobs.add(workers.submit(() -> model(sft, aligned, type, OptionalDouble.of(alpha))));
                }
            }
            List<DemoModel> models = new ArrayList<>();
            for (Future<DemoModel> job : jobs) {
                models.add(result(job));
            }
            return models;
        }
    }

    /** Waits for a job; when it failed, the ones that have not begun end at once. */
    private DemoModel result(Future<DemoModel> job) throws IOException {
        try {
            return job.get();
        } catch (InterruptedException _) {
            failed = true;
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        } catch (ExecutionException e) {
            failed = true;
            throw Failure.of(e);
        }
    }

    private DemoModel model(Path sft, Path aligned, FileType type, OptionalDouble alpha) throws IOException {
        checkGoesOn();
        String name = alpha.isEmpty() ? "sft" : "alpha-" + alpha.getAsDouble();
        Path file = sft.resolveSibling(type + "-" + name + ".gguf");
        write(sft, aligned, type, alpha, file);
        DemoModel model = new DemoModel(type, alpha, answers(file));
        Files.delete(file);
        synchronized (this) {
            listener.progress(
                    ++done, options.fileTypes().size() * (options.alphas().size() + 1), model);
        }
        return model;
    }

    private void write(Path sft, Path aligned, FileType type, OptionalDouble alpha, Path file) throws IOException {
        PlanOptions.Builder plan = PlanOptions.builder().fileType(type);
        alpha.ifPresent(value -> plan.alpha((float) value));
        try (Extrapolator models = alpha.isEmpty() ? Extrapolator.open(sft) : Extrapolator.open(sft, aligned)) {
            models.write(
                    plan.build(), file, OutputOptions.defaults().withThreads(1).withCancellation(cancellation));
        }
    }

    private List<DemoModel.Answer> answers(Path file) throws IOException {
        ContextOptions room = ContextOptions.defaults()
                .withContextTokens(CONTEXT_TOKENS)
                .withSequences(SEQUENCES)
                .withThreads(1);
        // not memory-mapped, so that Windows lets the file be removed
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults().withMemoryMapped(false));
                LlamaContext context = LlamaContext.open(model, room)) {
            List<int[]> questions = prompts.stream()
                    .map(prompt -> model.chatPrompt(List.of(ChatMessage.user(prompt.question())), true)
                            .tokens())
                    .toList();
            List<Generation> generations =
                    context.generateTokens(questions, GenerationOptions.greedy(MAX_TOKENS), (index, text) -> {
                        checkGoesOn();
                        return true;
                    });
            List<DemoModel.Answer> answers = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                String text = generations.get(i).text().strip();
                answers.add(new DemoModel.Answer(
                        text, GuideReward.attributes(prompts.get(i).question(), text)));
            }
            return answers;
        }
    }

    private void checkGoesOn() {
        cancellation.check();
        if (failed) {
            throw new CancelledException("another model failed");
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
