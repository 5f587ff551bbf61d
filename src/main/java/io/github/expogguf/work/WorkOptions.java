package io.github.expogguf.work;

import java.util.Objects;

/** How work is done; none of it changes a result. */
public final class WorkOptions {

    private final Values values;

    private record Values(int threads, Progress.Listener listener, Cancellation cancellation) {
        private Values {
            Threads.check(threads);
        }
    }

    private WorkOptions(Values values) {
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

    /**
     * On all cores, silent.
     *
     * @return all cores, silent
     */
    public static WorkOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.threads = values.threads;
        builder.listener = values.listener;
        builder.cancellation = values.cancellation;
        return builder;
    }

    /** {@return the worker threads, 1 to {@value Threads#MAX}} */
    public int threads() {
        return values.threads;
    }

    /** {@return what hears of progress} */
    public Progress.Listener listener() {
        return values.listener;
    }

    /** {@return what stops the work} */
    public Cancellation cancellation() {
        return values.cancellation;
    }

    /**
     * Same, on this many threads.
     *
     * @param threads as {@link #threads} has it
     * @return new options; these stay as they are
     */
    public WorkOptions withThreads(int threads) {
        return toBuilder().threads(threads).build();
    }

    /**
     * Same, reporting to this listener.
     *
     * @param listener as {@link #listener} has it
     * @return new options; these stay as they are
     */
    public WorkOptions withListener(Progress.Listener listener) {
        return toBuilder().listener(listener).build();
    }

    /**
     * Same, stopped by this.
     *
     * @param cancellation as {@link #cancellation} has it
     * @return new options; these stay as they are
     */
    public WorkOptions withCancellation(Cancellation cancellation) {
        return toBuilder().cancellation(cancellation).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WorkOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "WorkOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private int threads = Threads.ofThisMachine();
        private Progress.Listener listener = progress -> {};
        private Cancellation cancellation = new Cancellation();

        private Builder() {}

        /**
         * Worker threads, 1 to {@value Threads#MAX}; all cores without a word.
         *
         * @param threads as {@link WorkOptions#threads} has it
         * @return this builder
         */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /**
         * Hears of progress; nobody does without a word.
         *
         * @param listener as {@link WorkOptions#listener} has it
         * @return this builder
         */
        public Builder listener(Progress.Listener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Stops the work, which then throws {@link io.github.expogguf.CancelledException}.
         *
         * @param cancellation as {@link WorkOptions#cancellation} has it
         * @return this builder
         */
        public Builder cancellation(Cancellation cancellation) {
            this.cancellation = Objects.requireNonNull(cancellation, "cancellation");
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if the number of threads is out of its range
         */
        public WorkOptions build() {
            return new WorkOptions(new Values(threads, listener, cancellation));
        }
    }
}
