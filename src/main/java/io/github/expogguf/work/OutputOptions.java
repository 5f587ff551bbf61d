package io.github.expogguf.work;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** What becomes of the files of an output, and how the work on them is done; none of it changes a byte of a tensor. */
public final class OutputOptions {

    private final Values values;

    private record Values(
            boolean force,
            OptionalLong splitMaxBytes,
            boolean keepSplit,
            Unfinished unfinished,
            Optional<Path> reuse,
            WorkOptions work) {
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

    /**
     * Options that differ from {@linkplain #defaults the defaults} as set on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return one file, not replacing anything, on all cores, silent} */
    public static OutputOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.force = values.force;
        builder.splitMaxBytes = values.splitMaxBytes;
        builder.keepSplit = values.keepSplit;
        builder.unfinished = values.unfinished;
        builder.reuse = values.reuse;
        builder.work = values.work;
        return builder;
    }

    /** {@return whether an existing output is replaced} */
    public boolean force() {
        return values.force;
    }

    /** {@return the most bytes of a shard; the output then is a set named {@code -00001-of-0000N.gguf}} */
    public OptionalLong splitMaxBytes() {
        return values.splitMaxBytes;
    }

    /** {@return whether there are as many shards as the aligned model has} */
    public boolean keepSplit() {
        return values.keepSplit;
    }

    /** {@return what to do with a partial output that an earlier run left} */
    public Unfinished unfinished() {
        return values.unfinished;
    }

    /** {@return an output of an earlier run, of which tensors are taken that would come out the same} */
    public Optional<Path> reuse() {
        return values.reuse;
    }

    /** {@return threads, listener and cancellation} */
    public WorkOptions work() {
        return values.work;
    }

    /**
     * Same, replacing an existing output or not.
     *
     * @param force as {@link #force} has it
     * @return new options; these stay as they are
     */
    public OutputOptions withForce(boolean force) {
        return toBuilder().force(force).build();
    }

    /**
     * Same, in shards of at most this many bytes.
     *
     * @param splitMaxBytes as {@link #splitMaxBytes} has it
     * @return new options; these stay as they are
     */
    public OutputOptions withSplitMaxBytes(long splitMaxBytes) {
        return toBuilder().splitMaxBytes(splitMaxBytes).build();
    }

    /**
     * Same, in as many shards as the aligned model or in one.
     *
     * @param keepSplit as {@link #keepSplit} has it
     * @return new options; these stay as they are
     */
    public OutputOptions withKeepSplit(boolean keepSplit) {
        return toBuilder().keepSplit(keepSplit).build();
    }

    /**
     * Same, with another answer to a partial output that an earlier run left.
     *
     * @param unfinished as {@link #unfinished} has it
     * @return new options; these stay as they are
     */
    public OutputOptions withUnfinished(Unfinished unfinished) {
        return toBuilder().unfinished(unfinished).build();
    }

    /**
     * Same, taking tensors from an output of an earlier run.
     *
     * @param reuse as {@link #reuse} has it
     * @return new options; these stay as they are
     */
    public OutputOptions withReuse(Path reuse) {
        return toBuilder().reuse(reuse).build();
    }

    /**
     * Same, worked on in another way.
     *
     * @param work as {@link #work} has it
     * @return new options; these stay as they are
     */
    public OutputOptions withWork(WorkOptions work) {
        return toBuilder().work(work).build();
    }

    /**
     * Same, going on with what an earlier run left, and leaving what it has if it is cancelled or a disk fails.
     *
     * @param resume whether to go on
     * @return new options; these stay as they are
     */
    public OutputOptions withResume(boolean resume) {
        return withUnfinished(resume ? Unfinished.RESUME : Unfinished.REFUSE);
    }

    /**
     * Same, on this many threads.
     *
     * @param threads number of threads, at least 1
     * @return new options; these stay as they are
     */
    public OutputOptions withThreads(int threads) {
        return toBuilder().threads(threads).build();
    }

    /**
     * Same, reporting to this listener.
     *
     * @param listener hears of progress
     * @return new options; these stay as they are
     */
    public OutputOptions withListener(Progress.Listener listener) {
        return toBuilder().listener(listener).build();
    }

    /**
     * Same, stopped by this.
     *
     * @param cancellation ends the run from any thread
     * @return new options; these stay as they are
     */
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
        private Optional<Path> reuse = Optional.empty();
        private WorkOptions work = WorkOptions.defaults();

        private Builder() {}

        /**
         * Whether an existing output is replaced.
         *
         * @param force as {@link OutputOptions#force} has it
         * @return this builder
         */
        public Builder force(boolean force) {
            this.force = force;
            return this;
        }

        /**
         * Most bytes of a shard; the output then is a set named {@code -00001-of-0000N.gguf}.
         *
         * @param splitMaxBytes as {@link OutputOptions#splitMaxBytes} has it
         * @return this builder
         */
        public Builder splitMaxBytes(long splitMaxBytes) {
            this.splitMaxBytes = OptionalLong.of(splitMaxBytes);
            return this;
        }

        /**
         * Whether there are as many shards as the aligned model has.
         *
         * @param keepSplit as {@link OutputOptions#keepSplit} has it
         * @return this builder
         */
        public Builder keepSplit(boolean keepSplit) {
            this.keepSplit = keepSplit;
            return this;
        }

        /**
         * What to do with a partial output that an earlier run left; it is refused without a word.
         *
         * @param unfinished as {@link OutputOptions#unfinished} has it
         * @return this builder
         */
        public Builder unfinished(Unfinished unfinished) {
            this.unfinished = Objects.requireNonNull(unfinished, "unfinished");
            return this;
        }

        /**
         * An output of an earlier run. Tensors that would come out the same are copied from it after their checksums
         * were compared; the outputs have the bytes that they would have without.
         *
         * @param reuse the file, or any shard of a set
         * @return this builder
         */
        public Builder reuse(Path reuse) {
            this.reuse = Optional.of(Objects.requireNonNull(reuse, "reuse"));
            return this;
        }

        /**
         * Threads, listener and cancellation at once.
         *
         * @param work as {@link OutputOptions#work} has it
         * @return this builder
         */
        public Builder work(WorkOptions work) {
            this.work = Objects.requireNonNull(work, "work");
            return this;
        }

        /**
         * Worker threads, 1 to {@value Threads#MAX}; all cores without a word.
         *
         * @param threads number of threads, at least 1
         * @return this builder
         */
        public Builder threads(int threads) {
            return work(work.withThreads(threads));
        }

        /**
         * Hears of progress; nobody does without a word.
         *
         * @param listener hears of progress
         * @return this builder
         */
        public Builder listener(Progress.Listener listener) {
            return work(work.withListener(listener));
        }

        /**
         * Stops the work, which then throws {@link io.github.expogguf.CancelledException}.
         *
         * @param cancellation ends the work from any thread
         * @return this builder
         */
        public Builder cancellation(Cancellation cancellation) {
            return work(work.withCancellation(cancellation));
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if shards are to have no byte, or their number is given in two ways
         */
        public OutputOptions build() {
            return new OutputOptions(new Values(force, splitMaxBytes, keepSplit, unfinished, reuse, work));
        }
    }
}
