package io.github.expogguf.run.compute;

import org.jspecify.annotations.Nullable;

/** Hands out chunks to the workers of a run. Any thread may take the next one. */
@FunctionalInterface
interface ChunkSource {

    /** The next chunk, numbered from 0 in the order they are handed out, or null when there are no more. */
    @Nullable
    Chunk next();
}
