package io.github.expogguf.infer;

import io.github.expogguf.work.ComputeThreads;
import io.github.expogguf.work.Threads;

/**
 * The size of a context and the threads that compute in it.
 *
 * @param contextTokens tokens that one sequence may hold, prompt and answer together; 0 for what the model was trained
 *                      with
 * @param sequences     sequences that are worked on at a time, at least 1; each has its own {@code contextTokens}
 * @param batchTokens   most tokens of one decoding step, at least {@code sequences}
 * @param threads       threads of one decoding step, 1 to {@value Threads#MAX}; or {@link #SHARED_THREADS} for a share
 *                      of the {@linkplain ComputeThreads budget of the process}, which depends
 *                      on what else computes at the time, and of small models on their size
 */
public record ContextOptions(int contextTokens, int sequences, int batchTokens, int threads) {

    /** Takes the threads of every step from the budget of the process. */
    public static final int SHARED_THREADS = 0;

    private static final int DEFAULT_BATCH_TOKENS = 2048; // llama_context_default_params, llama-context.cpp v0.5.0

    /** Checks the numbers. */
    public ContextOptions {
        if (contextTokens < 0) {
            throw new IllegalArgumentException("contextTokens is " + contextTokens + ", expected 0 or more");
        }
        if (sequences < 1) {
            throw new IllegalArgumentException("sequences is " + sequences + ", expected at least 1");
        }
        if (batchTokens < sequences) {
            // llama_context::output_reserve needs a place for each
            throw new IllegalArgumentException(
                    "batchTokens is " + batchTokens + ", expected at least " + sequences + ", the number of sequences");
        }
        if (threads != SHARED_THREADS) {
            Threads.check(threads);
        }
    }

    /** One sequence as long as the model was trained with, on a share of the threads of the process. */
    public static ContextOptions defaults() {
        return new ContextOptions(0, 1, DEFAULT_BATCH_TOKENS, SHARED_THREADS);
    }

    /** Same, with this many tokens a sequence. */
    public ContextOptions withContextTokens(int value) {
        return new ContextOptions(value, sequences, batchTokens, threads);
    }

    /** Same, with this many sequences at a time. */
    public ContextOptions withSequences(int value) {
        return new ContextOptions(contextTokens, value, Math.max(batchTokens, value), threads);
    }

    /** Same, with at most this many tokens a step. */
    public ContextOptions withBatchTokens(int value) {
        return new ContextOptions(contextTokens, sequences, value, threads);
    }

    /**
     * Same, on this many threads, whatever else computes; {@link #SHARED_THREADS} for a share of those of the process.
     */
    public ContextOptions withThreads(int value) {
        return new ContextOptions(contextTokens, sequences, batchTokens, value);
    }

    /** Threads that a step may have. */
    int mostThreads() {
        return threads == SHARED_THREADS ? ComputeThreads.ofThisProcess().budget() : threads;
    }
}
