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

    /** Options that differ from {@linkplain #defaults the defaults} as set on the builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** On all cores, silent. */
    public static WorkOptions defaults() {
        return builder().build();
    }

    /** A builder that begins with these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.threads = values.threads;
        builder.listener = values.listener;
        builder.cancellation = values.cancellation;
        return builder;
    }

    /** Worker threads, 1 to {@value Threads#MAX}. */
    public int threads() {
        return values.threads;
    }

    /** Hears of progress. */
    public Progress.Listener listener() {
        return values.listener;
    }

    /** Stops the work. */
    public Cancellation cancellation() {
        return values.cancellation;
    }

    /** Same, on this many threads. */
    public WorkOptions withThreads(int threads) {
        return toBuilder().threads(threads).build();
    }

    /** Same, reporting to this listener. */
    public WorkOptions withListener(Progress.Listener listener) {
        return toBuilder().listener(listener).build();
    }

    /** Same, stopped by this. */
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

        /** Worker threads, 1 to {@value Threads#MAX}; all cores without a word. */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /** Hears of progress; nobody does without a word. */
        public Builder listener(Progress.Listener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** Stops the work, which then throws {@link io.github.expogguf.CancelledException}. */
        public Builder cancellation(Cancellation cancellation) {
            this.cancellation = Objects.requireNonNull(cancellation, "cancellation");
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if the number of threads is out of its range
         */
        public WorkOptions build() {
            return new WorkOptions(new Values(threads, listener, cancellation));
        }
    }
}
