package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Plain Java. Values pass through small arrays, because the compiler turns loops over arrays into SIMD code and loops
 * over segments not.
 */
record ScalarKernel(float alpha) implements ExtrapolationKernel {

    /** Elements of an array; they stay in the L1 cache. */
    private static final int STRIP = 1024;

    @Override
    public void extrapolate(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        WeightSegments.check(count, sft, aligned, target);
        float[] from = new float[(int) Math.min(count, STRIP)];
        float[] to = new float[from.length];
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            long offset = done * Float.BYTES;
            MemorySegment.copy(sft, JAVA_FLOAT_UNALIGNED, offset, from, 0, length);
            MemorySegment.copy(aligned, JAVA_FLOAT_UNALIGNED, offset, to, 0, length);
            for (int i = 0; i < length; i++) {
                float delta = to[i] - from[i];
                float step = alpha * delta;
                to[i] = to[i] + step;
            }
            MemorySegment.copy(to, 0, target, JAVA_FLOAT_UNALIGNED, offset, length);
        }
    }
}
