package io.github.expogguf.work;

import java.util.OptionalLong;

/**
 * What becomes of the files of an output, and how the work on them is done; none of it changes a byte of a tensor.
 *
 * @param force         replaces an existing output
 * @param splitMaxBytes most bytes of a shard; the output then is a set named {@code -00001-of-0000N.gguf}
 * @param keepSplit     writes as many shards as the aligned model has
 * @param unfinished    what to do with a partial output that an earlier run left
 * @param work          threads, listener and cancellation
 */
public record OutputOptions(
        boolean force, OptionalLong splitMaxBytes, boolean keepSplit, Unfinished unfinished, WorkOptions work) {

    /** Checks the numbers. */
    public OutputOptions {
        if (splitMaxBytes.isPresent() && splitMaxBytes.getAsLong() < 1) {
            throw new IllegalArgumentException("shards of " + splitMaxBytes.getAsLong() + " bytes");
        }
        if (keepSplit && splitMaxBytes.isPresent()) {
            throw new IllegalArgumentException("keepSplit and splitMaxBytes exclude each other");
        }
    }

    /** One file, not replacing anything, on all cores, silent. */
    public static OutputOptions defaults() {
        return new OutputOptions(false, OptionalLong.empty(), false, Unfinished.REFUSE, WorkOptions.defaults());
    }

    /** Same, replacing an existing output or not. */
    public OutputOptions withForce(boolean value) {
        return new OutputOptions(value, splitMaxBytes, keepSplit, unfinished, work);
    }

    /** Same, in shards of at most this many bytes. */
    public OutputOptions withSplitMaxBytes(long value) {
        return new OutputOptions(force, OptionalLong.of(value), keepSplit, unfinished, work);
    }

    /** Same, in as many shards as the aligned model or in one. */
    public OutputOptions withKeepSplit(boolean value) {
        return new OutputOptions(force, splitMaxBytes, value, unfinished, work);
    }

    /** Same, with another answer to a partial output that an earlier run left. */
    public OutputOptions withUnfinished(Unfinished value) {
        return new OutputOptions(force, splitMaxBytes, keepSplit, value, work);
    }

    /** Same, going on with what an earlier run left, and leaving what it has if it is cancelled or a disk fails. */
    public OutputOptions withResume(boolean value) {
        return withUnfinished(value ? Unfinished.RESUME : Unfinished.REFUSE);
    }

    /** Same, worked on in another way. */
    public OutputOptions withWork(WorkOptions value) {
        return new OutputOptions(force, splitMaxBytes, keepSplit, unfinished, value);
    }

    /** Same, on this many threads. */
    public OutputOptions withThreads(int value) {
        return withWork(work.withThreads(value));
    }

    /** Same, reporting to this listener. */
    public OutputOptions withListener(Progress.Listener value) {
        return withWork(work.withListener(value));
    }

    /** Same, stopped by this. */
    public OutputOptions withCancellation(Cancellation value) {
        return withWork(work.withCancellation(value));
    }
}
