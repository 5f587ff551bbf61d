package io.github.expogguf.infer;

import io.github.expogguf.work.Threads;

/** How a text is read for an importance matrix; the defaults are those of llama-imatrix of llama.cpp v0.5.0. */
public final class ImatrixOptions {

    /** All of the text. */
    public static final int ALL_CHUNKS = -1;

    private static final int DEFAULT_CHUNK_TOKENS = 512;
    private static final int DEFAULT_BATCH_TOKENS = 2048;

    /** Fewest tokens of a chunk, or of a step: llama-imatrix leaves matrices out that are multiplied with fewer. */
    public static final int MIN_TOKENS = 16;

    /** Most tokens of a chunk, or of a step. */
    public static final int MAX_TOKENS = 1 << 20;

    private final Values values;

    private record Values(
            int chunkTokens, int batchTokens, int chunks, boolean processOutput, boolean parseSpecial, int threads) {
        private Values {
            requireTokens("chunkTokens", chunkTokens);
            requireTokens("batchTokens", batchTokens);
            if (chunks < 1 && chunks != ALL_CHUNKS) {
                throw new IllegalArgumentException("chunks is " + chunks + ", expected 1 or more, or -1 for all");
            }
            if (threads != ContextOptions.SHARED_THREADS) {
                Threads.check(threads);
            }
        }

        private static void requireTokens(String name, int tokens) {
            if (tokens < MIN_TOKENS || tokens > MAX_TOKENS) {
                throw new IllegalArgumentException(
                        name + " is " + tokens + ", expected " + MIN_TOKENS + " to " + MAX_TOKENS);
            }
        }
    }

    private ImatrixOptions(Values values) {
        this.values = values;
    }

    /** {@return a builder that has the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return all of a text in chunks of 512 tokens, without the output matrix} */
    public static ImatrixOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.chunkTokens = values.chunkTokens;
        builder.batchTokens = values.batchTokens;
        builder.chunks = values.chunks;
        builder.processOutput = values.processOutput;
        builder.parseSpecial = values.parseSpecial;
        builder.threads = values.threads;
        return builder;
    }

    /** {@return tokens of a chunk, each of which is read by itself} */
    public int chunkTokens() {
        return values.chunkTokens;
    }

    /** {@return most tokens of one step, which may be of several chunks; decides the order of the sums} */
    public int batchTokens() {
        return values.batchTokens;
    }

    /** {@return most chunks, or {@link #ALL_CHUNKS}} */
    public int chunks() {
        return values.chunks;
    }

    /** {@return whether the inputs of the output matrix are collected, too} */
    public boolean processOutput() {
        return values.processOutput;
    }

    /** {@return whether names of control tokens in the text stand for these} */
    public boolean parseSpecial() {
        return values.parseSpecial;
    }

    /** {@return threads, or {@link ContextOptions#SHARED_THREADS} for a share of those of the process} */
    public int threads() {
        return values.threads;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ImatrixOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "ImatrixOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int chunkTokens = DEFAULT_CHUNK_TOKENS;
        private int batchTokens = DEFAULT_BATCH_TOKENS;
        private int chunks = ALL_CHUNKS;
        private boolean processOutput;
        private boolean parseSpecial;
        private int threads = ContextOptions.SHARED_THREADS;

        private Builder() {}

        /**
         * Tokens of a chunk.
         *
         * @param chunkTokens as {@link ImatrixOptions#chunkTokens} has it
         * @return this builder
         */
        public Builder chunkTokens(int chunkTokens) {
            this.chunkTokens = chunkTokens;
            return this;
        }

        /**
         * Most tokens of one step.
         *
         * @param batchTokens as {@link ImatrixOptions#batchTokens} has it
         * @return this builder
         */
        public Builder batchTokens(int batchTokens) {
            this.batchTokens = batchTokens;
            return this;
        }

        /**
         * Most chunks.
         *
         * @param chunks as {@link ImatrixOptions#chunks} has it
         * @return this builder
         */
        public Builder chunks(int chunks) {
            this.chunks = chunks;
            return this;
        }

        /**
         * Whether the inputs of the output matrix are collected, too.
         *
         * @param processOutput as {@link ImatrixOptions#processOutput} has it
         * @return this builder
         */
        public Builder processOutput(boolean processOutput) {
            this.processOutput = processOutput;
            return this;
        }

        /**
         * Whether names of control tokens in the text stand for these.
         *
         * @param parseSpecial as {@link ImatrixOptions#parseSpecial} has it
         * @return this builder
         */
        public Builder parseSpecial(boolean parseSpecial) {
            this.parseSpecial = parseSpecial;
            return this;
        }

        /**
         * Threads that compute.
         *
         * @param threads as {@link ImatrixOptions#threads} has it
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
        public ImatrixOptions build() {
            return new ImatrixOptions(
                    new Values(chunkTokens, batchTokens, chunks, processOutput, parseSpecial, threads));
        }
    }
}
