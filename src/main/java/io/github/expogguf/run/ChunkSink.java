package io.github.expogguf.run;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Takes finished chunks, from any worker, in any order. */
@FunctionalInterface
interface ChunkSink {

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
}
