package io.github.expogguf.run.compute;

import io.github.expogguf.compare.realised.StepSums;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Takes finished chunks, from any worker, in any order. */
@FunctionalInterface
public interface ChunkSink {

    /**
     * Takes a chunk of one output.
     *
     * @param output number of the output among those that are computed together
     * @param bytes  the rows as they are in the output, and no more; valid during the call
     */
    void accept(int output, Chunk chunk, MemorySegment bytes) throws IOException;

    /** Whether a chunk of an output has to be computed at all. */
    default boolean wants(int output, Chunk chunk) {
        return true;
    }

    /**
     * Whether it is measured what arrives of the extrapolation, also in the chunks of an output that are not wanted.
     */
    default boolean measures() {
        return false;
    }

    /** The rows of a chunk that was not wanted, as they are in the output; the buffer is large enough. */
    default MemorySegment written(int output, Chunk chunk, MemorySegment buffer) throws IOException {
        throw new UnsupportedOperationException("only what is kept of an earlier run can be read");
    }

    /** Takes what was measured on a chunk that is extrapolated; from any worker. */
    default void measured(int output, Chunk chunk, StepSums sums) {}
}
