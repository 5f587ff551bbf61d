package io.github.expogguf.quant;

import java.lang.foreign.MemorySegment;

/** Looks for infinities and NaN in off-heap floats, about as fast as memory delivers them. Any thread. */
public final class Finite {

    private Finite() {}

    /**
     * Counts infinities and NaN.
     *
     * @param floats at least {@code count} floats in native order, read only
     * @param count  floats to look at, from the start; 0 or more
     * @throws IndexOutOfBoundsException if the segment is too small
     */
    public static long countNonFinite(MemorySegment floats, long count) {
        return countNonFinite(FloatKernels.best(), floats, count);
    }

    static long countNonFinite(FloatKernels kernels, MemorySegment floats, long count) {
        MemorySegment all = floats.asSlice(0, Math.multiplyExact(count, (long) Float.BYTES));
        return kernels.countFrom(FloatKernels.NON_FINITE, count, all);
    }
}
