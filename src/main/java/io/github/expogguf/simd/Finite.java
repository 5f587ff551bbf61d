package io.github.expogguf.simd;

import java.lang.foreign.MemorySegment;

/** Looks for infinities and NaN in off-heap floats, about as fast as memory delivers them. Any thread. */
public final class Finite {

    private Finite() {}

    /**
     * Counts infinities and NaN.
     *
     * @param floats at least {@code count} floats in native order, read only
     * @param count  floats to look at, from the start; 0 or more
     * @throws IllegalArgumentException if the count is negative, the segment is too small, or it is a mapped file
     */
    public static long countNonFinite(MemorySegment floats, long count) {
        return countNonFinite(SwitchingFloatKernels.choose(count), floats, count);
    }

    static long countNonFinite(FloatKernels kernels, MemorySegment floats, long count) {
        Unmapped.require("what is to be counted", floats);
        if (count < 0 || count > floats.byteSize() / Float.BYTES) {
            throw new IllegalArgumentException(
                    "a segment of " + floats.byteSize() + " bytes does not hold " + count + " floats");
        }
        MemorySegment all = floats.asSlice(0, count * Float.BYTES);
        return kernels.countFrom(FloatKernels.NON_FINITE, count, all);
    }
}
