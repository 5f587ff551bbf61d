package io.github.expogguf.infer;

import io.github.expogguf.work.ComputeThreads;
import io.github.expogguf.work.Threads;

/** The size of a context and the threads that compute in it. */
public final class ContextOptions {

    /** Takes the threads of every step from the budget of the process. */
    public static final int SHARED_THREADS = 0;

    private static final long STEP_TOKENS = 256; // llama_context pads to this, llama-context.cpp v0.5.0
    private static final int DEFAULT_BATCH_TOKENS = 2048; // llama_context_default_params, llama-context.cpp v0.5.0

    private final Values values;

    private record Values(int contextTokens, int sequences, int batchTokens, int threads) {
        private Values {
            if (contextTokens < 0) {
                throw new IllegalArgumentException("contextTokens is " + contextTokens + ", expected 0 or more");
            }
            if (sequences < 1) {
                throw new IllegalArgumentException("sequences is " + sequences + ", expected at least 1");
            }
            if (batchTokens < sequences) {
                // llama_context::output_reserve needs a place for each
                throw new IllegalArgumentException("batchTokens is " + batchTokens + ", expected at least " + sequences
                        + ", the number of sequences");
            }
            if (threads != SHARED_THREADS) {
                Threads.check(threads);
            }
        }
    }

    private ContextOptions(Values values) {
        this.values = values;
    }

    /**
     * Options that differ from {@linkplain #defaults the defaults} as set on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return one sequence as long as the model was trained with, on a share of the threads of the process} */
    public static ContextOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.contextTokens = values.contextTokens;
        builder.sequences = values.sequences;
        builder.batchTokens = values.batchTokens;
        builder.threads = values.threads;
        return builder;
    }

    /**
     * {@return tokens that one sequence is to hold, prompt and answer together; 0 for what the model was trained with}
     * llama.cpp rounds them up to a multiple of 256. What is opened has that room, says so ({@link
     * LlamaContext#contextTokens}), and refuses what is longer than that.
     */
    public int contextTokens() {
        return values.contextTokens;
    }

    /** {@return sequences that are worked on at a time, at least 1; each has its own {@link #contextTokens}} */
    public int sequences() {
        return values.sequences;
    }

    /** {@return the most tokens of one decoding step, at least {@link #sequences}} */
    public int batchTokens() {
        return values.batchTokens;
    }

    /**
     * {@return threads of one decoding step, 1 to {@value Threads#MAX}; or {@link #SHARED_THREADS} for a share of the
     * {@linkplain ComputeThreads budget of the process}, which depends on what else computes at the time, and of small
     * models on their size}
     */
    public int threads() {
        return values.threads;
    }

    /**
     * Same, with this many tokens a sequence.
     *
     * @param contextTokens as {@link #contextTokens} has it
     * @return new options; these stay as they are
     */
    public ContextOptions withContextTokens(int contextTokens) {
        return toBuilder().contextTokens(contextTokens).build();
    }

    /**
     * Same, with this many sequences at a time.
     *
     * @param sequences as {@link #sequences} has it
     * @return new options; these stay as they are
     */
    public ContextOptions withSequences(int sequences) {
        return toBuilder().sequences(sequences).build();
    }

    /**
     * Same, with at most this many tokens a step.
     *
     * @param batchTokens as {@link #batchTokens} has it
     * @return new options; these stay as they are
     */
    public ContextOptions withBatchTokens(int batchTokens) {
        return toBuilder().batchTokens(batchTokens).build();
    }

    /**
     * Same, on this many threads, whatever else computes; {@link #SHARED_THREADS} for a share of those of the process.
     *
     * @param threads as {@link #threads} has it
     * @return new options; these stay as they are
     */
    public ContextOptions withThreads(int threads) {
        return toBuilder().threads(threads).build();
    }

    /** Tokens that a sequence will have room for. */
    long roomTokens(LlamaModel model) {
        int asked = contextTokens() > 0 ? contextTokens() : model.trainedContextTokens();
        long room = Math.ceilDiv(asked, STEP_TOKENS) * STEP_TOKENS;
        return room > Integer.MAX_VALUE ? asked : room;
    }

    /** Threads that a step may have. */
    int mostThreads() {
        return threads() == SHARED_THREADS ? ComputeThreads.ofThisProcess().budget() : threads();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContextOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "ContextOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int contextTokens;
        private int sequences = 1;
        private int batchTokens = DEFAULT_BATCH_TOKENS;
        private int threads = SHARED_THREADS;

        private Builder() {}

        /**
         * Tokens of one sequence, prompt and answer together; 0, as without a word, for what the model was trained
         * with.
         *
         * @param contextTokens as {@link ContextOptions#contextTokens} has it
         * @return this builder
         */
        public Builder contextTokens(int contextTokens) {
            this.contextTokens = contextTokens;
            return this;
        }

        /**
         * Sequences that are worked on at a time, 1 without a word; where a step has fewer tokens, it gets as many.
         *
         * @param sequences as {@link ContextOptions#sequences} has it
         * @return this builder
         */
        public Builder sequences(int sequences) {
            this.sequences = sequences;
            batchTokens = Math.max(batchTokens, sequences);
            return this;
        }

        /**
         * Most tokens of one decoding step, at least as many as there are sequences; 2048 without a word.
         *
         * @param batchTokens as {@link ContextOptions#batchTokens} has it
         * @return this builder
         */
        public Builder batchTokens(int batchTokens) {
            this.batchTokens = batchTokens;
            return this;
        }

        /**
         * Threads of one decoding step, whatever else computes; {@link #SHARED_THREADS}, as without a word, for a share
         * of those of the process.
         *
         * @param threads as {@link ContextOptions#threads} has it
         * @return this builder
         */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if a number is out of its range
         */
        public ContextOptions build() {
            return new ContextOptions(new Values(contextTokens, sequences, batchTokens, threads));
        }
    }
}
