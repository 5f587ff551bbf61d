package io.github.expogguf.score;

import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Threads;
import java.util.Objects;

/**
 * How models are run to score or to answer.
 *
 * @param contextTokens most tokens of one text, prompt and answer together; 0 for as many as the texts at hand need, at
 *                      most as many as the model was trained with
 * @param sequences     texts that are worked on at a time, at least 1; each needs memory for its own context
 * @param threads       threads, 1 to {@value Threads#MAX}
 * @param listener      hears of progress
 * @param cancellation  stops the work, which then throws {@link io.github.expogguf.CancelledException}
 */
public record ComputeOptions(
        int contextTokens, int sequences, int threads, Listener listener, Cancellation cancellation) {

    private static final int DEFAULT_SEQUENCES = 8;

    /** Hears of progress, on one thread at a time, often; should return soon. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Some texts are done.
         *
         * @param work  what is being done, as in {@code answers}
         * @param done  texts that are done
         * @param total texts in all
         */
        void progress(String work, int done, int total);
    }

    /** Checks the numbers. */
    public ComputeOptions {
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(cancellation, "cancellation");
        require(contextTokens >= 0, "contextTokens", contextTokens, "0 or more");
        require(sequences >= 1, "sequences", sequences, "at least 1");
        Threads.check(threads);
    }

    /** Contexts as large as needed, eight texts at a time, on all cores, silent. */
    public static ComputeOptions defaults() {
        int cores = Threads.ofThisMachine();
        return new ComputeOptions(0, DEFAULT_SEQUENCES, cores, (work, done, total) -> {}, new Cancellation());
    }

    /** Same, with this many tokens a text. */
    public ComputeOptions withContextTokens(int value) {
        return new ComputeOptions(value, sequences, threads, listener, cancellation);
    }

    /** Same, with this many texts at a time. */
    public ComputeOptions withSequences(int value) {
        return new ComputeOptions(contextTokens, value, threads, listener, cancellation);
    }

    /** Same, on this many threads. */
    public ComputeOptions withThreads(int value) {
        return new ComputeOptions(contextTokens, sequences, value, listener, cancellation);
    }

    /** Same, reporting to this listener. */
    public ComputeOptions withListener(Listener value) {
        return new ComputeOptions(contextTokens, sequences, threads, value, cancellation);
    }

    /** Same, stopped by this. */
    public ComputeOptions withCancellation(Cancellation value) {
        return new ComputeOptions(contextTokens, sequences, threads, listener, value);
    }

    /** Reports, or throws if the work was stopped. */
    void report(String work, int done, int total) {
        cancellation.check();
        listener.progress(work, done, total);
    }

    private static void require(boolean holds, String name, int value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
        }
    }
}
