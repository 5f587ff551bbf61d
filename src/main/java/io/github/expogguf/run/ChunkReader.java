package io.github.expogguf.run;

import io.github.expogguf.run.compute.Chunk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Looks at a chunk of an output that was written; the buffer is large enough for it. */
@FunctionalInterface
interface ChunkReader {
    void read(Chunk chunk, MemorySegment buffer) throws IOException;
}
