package io.github.expogguf.extrapolate;

import io.github.expogguf.simd.Unmapped;
import java.lang.foreign.MemorySegment;

/** The segments that a formula over many weights reads and writes: large enough, and none in the way of another. */
final class WeightSegments {

    private WeightSegments() {}

    static void check(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        if (count < 0) {
            throw new IllegalArgumentException("count " + count + " is negative");
        }
        if (count > Long.MAX_VALUE / Float.BYTES) {
            throw new IllegalArgumentException("count " + count + " is more than a segment holds");
        }
        long bytes = count * Float.BYTES;
        check("sft", sft, bytes);
        check("aligned", aligned, bytes);
        check("target", target, bytes);
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("target is read-only");
        }
        checkOverlap("sft", sft.asSlice(0, bytes), target.asSlice(0, bytes));
        checkOverlap("aligned", aligned.asSlice(0, bytes), target.asSlice(0, bytes));
    }

    private static void check(String name, MemorySegment segment, long bytes) {
        Unmapped.require(name, segment);
        if (segment.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    name + " has " + segment.byteSize() + " bytes, expected at least " + bytes);
        }
    }

    private static void checkOverlap(String name, MemorySegment source, MemorySegment target) {
        if (source.address() != target.address()
                && source.asOverlappingSlice(target).isPresent()) {
            throw new IllegalArgumentException(name + " overlaps the target without being the same segment");
        }
    }
}
