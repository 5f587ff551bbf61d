package io.github.expogguf.simd;

import java.lang.foreign.MemorySegment;

/**
 * Refuses memory-mapped files. Whoever truncates such a file leaves a hole in memory, and who touches that in native
 * code, or in the JDK's own checksum code, ends the process.
 */
public final class Unmapped {

    private Unmapped() {}

    /**
     * Lets a segment pass unless it maps a file.
     *
     * @param name what the segment is, for the message
     * @throws IllegalArgumentException if it does
     */
    public static void require(String name, MemorySegment segment) {
        if (segment.isMapped()) {
            throw new IllegalArgumentException(
                    name + " is a memory-mapped file, expected memory that no other process can take away");
        }
    }
}
