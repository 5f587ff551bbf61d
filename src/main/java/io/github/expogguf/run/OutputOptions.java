package io.github.expogguf.run;

import java.util.OptionalLong;

/**
 * Where the result goes and how the work is done; none of it changes a byte of a tensor.
 *
 * @param force         replaces an existing output
 * @param splitMaxBytes most bytes of a shard; the output then is a set named {@code -00001-of-0000N.gguf}
 * @param keepSplit     writes as many shards as the aligned model has
 * @param threads       worker threads, at least 1
 * @param listener      hears of progress
 * @param cancellation  stops the run
 */
public record OutputOptions(
        boolean force,
        OptionalLong splitMaxBytes,
        boolean keepSplit,
        int threads,
        Progress.Listener listener,
        Cancellation cancellation) {

    /** Checks the numbers. */
    public OutputOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", expected at least 1");
        }
        if (splitMaxBytes.isPresent() && splitMaxBytes.getAsLong() < 1) {
            throw new IllegalArgumentException("shards of " + splitMaxBytes.getAsLong() + " bytes");
        }
        if (keepSplit && splitMaxBytes.isPresent()) {
            throw new IllegalArgumentException("keepSplit and splitMaxBytes exclude each other");
        }
    }

    /** One file, not replacing anything, on all cores, silent. */
    public static OutputOptions defaults() {
        return new OutputOptions(
                false,
                OptionalLong.empty(),
                false,
                Runtime.getRuntime().availableProcessors(),
                progress -> {},
                new Cancellation());
    }

    /** Same, replacing an existing output or not. */
    public OutputOptions withForce(boolean value) {
        return new OutputOptions(value, splitMaxBytes, keepSplit, threads, listener, cancellation);
    }

    /** Same, in shards of at most this many bytes. */
    public OutputOptions withSplitMaxBytes(long value) {
        return new OutputOptions(force, OptionalLong.of(value), keepSplit, threads, listener, cancellation);
    }

    /** Same, in as many shards as the aligned model or in one. */
    public OutputOptions withKeepSplit(boolean value) {
        return new OutputOptions(force, splitMaxBytes, value, threads, listener, cancellation);
    }

    /** Same, on this many threads. */
    public OutputOptions withThreads(int value) {
        return new OutputOptions(force, splitMaxBytes, keepSplit, value, listener, cancellation);
    }

    /** Same, reporting to this listener. */
    public OutputOptions withListener(Progress.Listener value) {
        return new OutputOptions(force, splitMaxBytes, keepSplit, threads, value, cancellation);
    }

    /** Same, stopped by this. */
    public OutputOptions withCancellation(Cancellation value) {
        return new OutputOptions(force, splitMaxBytes, keepSplit, threads, listener, value);
    }
}
