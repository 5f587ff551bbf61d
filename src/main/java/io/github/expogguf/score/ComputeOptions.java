package io.github.expogguf.score;

import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.Threads;
import java.util.Objects;

/** How models are run to score or to answer. */
public final class ComputeOptions {

    private static final int DEFAULT_SEQUENCES = 8;

    private final Values values;

    private record Values(
            int contextTokens, int sequences, int threads, Progress.Listener listener, Cancellation cancellation) {
        private Values {
            require(contextTokens >= 0, "contextTokens", contextTokens, "0 or more");
            require(sequences >= 1, "sequences", sequences, "at least 1");
            Threads.check(threads);
        }
    }

    private ComputeOptions(Values values) {
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

    /** {@return contexts as large as needed, eight texts at a time, on all cores, silent} */
    public static ComputeOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.contextTokens = values.contextTokens;
        builder.sequences = values.sequences;
        builder.threads = values.threads;
        builder.listener = values.listener;
        builder.cancellation = values.cancellation;
        return builder;
    }

    /**
     * {@return the most tokens of one text, prompt and answer together; 0 for as many as the texts at hand need, at
     * most as many as the model was trained with} Prompts and texts that are longer are refused, though contexts have
     * room for a multiple of 256.
     */
    public int contextTokens() {
        return values.contextTokens;
    }

    /** {@return texts that are worked on at a time, at least 1; each needs memory for its own context} */
    public int sequences() {
        return values.sequences;
    }

    /** {@return threads, 1 to {@value Threads#MAX}} */
    public int threads() {
        return values.threads;
    }

    /** {@return what hears of progress, counted in texts} */
    public Progress.Listener listener() {
        return values.listener;
    }

    /** {@return what stops the work, which then throws {@link io.github.expogguf.CancelledException}} */
    public Cancellation cancellation() {
        return values.cancellation;
    }

    /**
     * Same, with this many tokens a text.
     *
     * @param contextTokens as {@link #contextTokens} has it
     * @return new options; these stay as they are
     */
    public ComputeOptions withContextTokens(int contextTokens) {
        return toBuilder().contextTokens(contextTokens).build();
    }

    /**
     * Same, with this many texts at a time.
     *
     * @param sequences as {@link #sequences} has it
     * @return new options; these stay as they are
     */
    public ComputeOptions withSequences(int sequences) {
        return toBuilder().sequences(sequences).build();
    }

    /**
     * Same, on this many threads.
     *
     * @param threads as {@link #threads} has it
     * @return new options; these stay as they are
     */
    public ComputeOptions withThreads(int threads) {
        return toBuilder().threads(threads).build();
    }

    /**
     * Same, reporting to this listener.
     *
     * @param listener as {@link #listener} has it
     * @return new options; these stay as they are
     */
    public ComputeOptions withListener(Progress.Listener listener) {
        return toBuilder().listener(listener).build();
    }

    /**
     * Same, stopped by this.
     *
     * @param cancellation as {@link #cancellation} has it
     * @return new options; these stay as they are
     */
    public ComputeOptions withCancellation(Cancellation cancellation) {
        return toBuilder().cancellation(cancellation).build();
    }

    /** Reports, or throws if the work was stopped. */
    void report(Progress.Stage stage, int done, int total) {
        cancellation().check();
        listener().progress(new Progress(stage, "", done, total));
    }

    private static void require(boolean holds, String name, int value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ComputeOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "ComputeOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int contextTokens;
        private int sequences = DEFAULT_SEQUENCES;
        private int threads = Threads.ofThisMachine();
        private Progress.Listener listener = progress -> {};
        private Cancellation cancellation = new Cancellation();

        private Builder() {}

        /**
         * Most tokens of one text, prompt and answer together; 0, as without a word, for as many as the texts at hand
         * need.
         *
         * @param contextTokens as {@link ComputeOptions#contextTokens} has it
         * @return this builder
         */
        public Builder contextTokens(int contextTokens) {
            this.contextTokens = contextTokens;
            return this;
        }

        /**
         * Texts that are worked on at a time, at least 1; 8 without a word.
         *
         * @param sequences as {@link ComputeOptions#sequences} has it
         * @return this builder
         */
        public Builder sequences(int sequences) {
            this.sequences = sequences;
            return this;
        }

        /**
         * Threads, 1 to {@value Threads#MAX}; all cores without a word.
         *
         * @param threads as {@link ComputeOptions#threads} has it
         * @return this builder
         */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /**
         * Hears of progress; nobody does without a word.
         *
         * @param listener as {@link ComputeOptions#listener} has it
         * @return this builder
         */
        public Builder listener(Progress.Listener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Stops the work, which then throws {@link io.github.expogguf.CancelledException}.
         *
         * @param cancellation as {@link ComputeOptions#cancellation} has it
         * @return this builder
         */
        public Builder cancellation(Cancellation cancellation) {
            this.cancellation = Objects.requireNonNull(cancellation, "cancellation");
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if a number is out of its range
         */
        public ComputeOptions build() {
            return new ComputeOptions(new Values(contextTokens, sequences, threads, listener, cancellation));
        }
    }
}
