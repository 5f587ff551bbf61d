package io.github.expogguf.work;

import java.util.Objects;
import java.util.OptionalLong;

/** What becomes of the files of an output, and how the work on them is done; none of it changes a byte of a tensor. */
public final class OutputOptions {

    private final Values values;

    private record Values(
            boolean force, OptionalLong splitMaxBytes, boolean keepSplit, Unfinished unfinished, WorkOptions work) {
        private Values {
            if (splitMaxBytes.isPresent() && splitMaxBytes.getAsLong() < 1) {
                throw new IllegalArgumentException("shards of " + splitMaxBytes.getAsLong() + " bytes");
            }
            if (keepSplit && splitMaxBytes.isPresent()) {
                throw new IllegalArgumentException("keepSplit and splitMaxBytes exclude each other");
            }
        }
    }

    private OutputOptions(Values values) {
        this.values = values;
    }

    /** Options that differ from {@linkplain #defaults the defaults} as set on the builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** One file, not replacing anything, on all cores, silent. */
    public static OutputOptions defaults() {
        return builder().build();
    }

    /** A builder that begins with these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.force = values.force;
        builder.splitMaxBytes = values.splitMaxBytes;
        builder.keepSplit = values.keepSplit;
        builder.unfinished = values.unfinished;
        builder.work = values.work;
        return builder;
    }

    /** Whether an existing output is replaced. */
    public boolean force() {
        return values.force;
    }

    /** Most bytes of a shard; the output then is a set named {@code -00001-of-0000N.gguf}. */
    public OptionalLong splitMaxBytes() {
        return values.splitMaxBytes;
    }

    /** Whether there are as many shards as the aligned model has. */
    public boolean keepSplit() {
        return values.keepSplit;
    }

    /** What to do with a partial output that an earlier run left. */
    public Unfinished unfinished() {
        return values.unfinished;
    }

    /** Threads, listener and cancellation. */
    public WorkOptions work() {
        return values.work;
    }

    /** Same, replacing an existing output or not. */
    public OutputOptions withForce(boolean force) {
        return toBuilder().force(force).build();
    }

    /** Same, in shards of at most this many bytes. */
    public OutputOptions withSplitMaxBytes(long splitMaxBytes) {
        return toBuilder().splitMaxBytes(splitMaxBytes).build();
    }

    /** Same, in as many shards as the aligned model or in one. */
    public OutputOptions withKeepSplit(boolean keepSplit) {
        return toBuilder().keepSplit(keepSplit).build();
    }

    /** Same, with another answer to a partial output that an earlier run left. */
    public OutputOptions withUnfinished(Unfinished unfinished) {
        return toBuilder().unfinished(unfinished).build();
    }

    /** Same, worked on in another way. */
    public OutputOptions withWork(WorkOptions work) {
        return toBuilder().work(work).build();
    }

    /** Same, going on with what an earlier run left, and leaving what it has if it is cancelled or a disk fails. */
    public OutputOptions withResume(boolean resume) {
        return withUnfinished(resume ? Unfinished.RESUME : Unfinished.REFUSE);
    }

    /** Same, on this many threads. */
    public OutputOptions withThreads(int threads) {
        return toBuilder().threads(threads).build();
    }

    /** Same, reporting to this listener. */
    public OutputOptions withListener(Progress.Listener listener) {
        return toBuilder().listener(listener).build();
    }

    /** Same, stopped by this. */
    public OutputOptions withCancellation(Cancellation cancellation) {
        return toBuilder().cancellation(cancellation).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OutputOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "OutputOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private boolean force;
        private OptionalLong splitMaxBytes = OptionalLong.empty();
        private boolean keepSplit;
        private Unfinished unfinished = Unfinished.REFUSE;
        private WorkOptions work = WorkOptions.defaults();

        private Builder() {}

        /** Whether an existing output is replaced. */
        public Builder force(boolean force) {
            this.force = force;
            return this;
        }

        /** Most bytes of a shard; the output then is a set named {@code -00001-of-0000N.gguf}. */
        public Builder splitMaxBytes(long splitMaxBytes) {
            this.splitMaxBytes = OptionalLong.of(splitMaxBytes);
            return this;
        }

        /** Whether there are as many shards as the aligned model has. */
        public Builder keepSplit(boolean keepSplit) {
            this.keepSplit = keepSplit;
            return this;
        }

        /** What to do with a partial output that an earlier run left; it is refused without a word. */
        public Builder unfinished(Unfinished unfinished) {
            this.unfinished = Objects.requireNonNull(unfinished, "unfinished");
            return this;
        }

        /** Threads, listener and cancellation at once. */
        public Builder work(WorkOptions work) {
            this.work = Objects.requireNonNull(work, "work");
            return this;
        }

        /** Worker threads, 1 to {@value Threads#MAX}; all cores without a word. */
        public Builder threads(int threads) {
            return work(work.withThreads(threads));
        }

        /** Hears of progress; nobody does without a word. */
        public Builder listener(Progress.Listener listener) {
            return work(work.withListener(listener));
        }

        /** Stops the work, which then throws {@link io.github.expogguf.CancelledException}. */
        public Builder cancellation(Cancellation cancellation) {
            return work(work.withCancellation(cancellation));
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if shards are to have no byte, or their number is given in two ways
         */
        public OutputOptions build() {
            return new OutputOptions(new Values(force, splitMaxBytes, keepSplit, unfinished, work));
        }
    }
}
