package io.github.expogguf.run;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Takes finished chunks, from any worker, in any order. */
@FunctionalInterface
interface ChunkSink {

    /**
     * Takes a chunk.
     *
     * @param bytes the rows as they are in the output, {@code chunk.targetBytes()} long; valid during the call
     */
    void accept(Chunk chunk, MemorySegment bytes) throws IOException;
}
