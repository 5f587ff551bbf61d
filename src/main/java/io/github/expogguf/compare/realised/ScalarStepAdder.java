package io.github.expogguf.compare.realised;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Plain Java: a strip of as many weights as there are places at a time, in loops that the compiler turns into SIMD
 * code.
 */
final class ScalarStepAdder implements StepAdder {

    @Override
    public void add(
            long count, MemorySegment aligned, MemorySegment extrapolated, MemorySegment written, double[][] sums) {
        float[] weight = new float[PLACES];
        float[] step = new float[PLACES];
        float[] change = new float[PLACES];
        for (long done = 0; done < count; done += PLACES) {
            int strip = (int) Math.min(PLACES, count - done);
            long offset = done * Float.BYTES;
            MemorySegment.copy(aligned, JAVA_FLOAT_UNALIGNED, offset, weight, 0, strip);
            MemorySegment.copy(extrapolated, JAVA_FLOAT_UNALIGNED, offset, step, 0, strip);
            MemorySegment.copy(written, JAVA_FLOAT_UNALIGNED, offset, change, 0, strip);
            subtract(strip, step, weight);
            subtract(strip, change, weight);
            addProducts(strip, step, step, sums[STEP_SQUARES]);
            addProducts(strip, step, weight, sums[STEP_ALIGNED]);
            addProducts(strip, weight, weight, sums[ALIGNED_SQUARES]);
            addProducts(strip, change, step, sums[CHANGE_STEP]);
            addProducts(strip, change, weight, sums[CHANGE_ALIGNED]);
            addProducts(strip, change, change, sums[CHANGE_SQUARES]);
        }
    }

    private static void subtract(int length, float[] from, float[] what) {
        for (int i = 0; i < length; i++) {
            from[i] -= what[i];
        }
    }

    private static void addProducts(int length, float[] a, float[] b, double[] sums) {
        for (int i = 0; i < length; i++) {
            sums[i] += (double) a[i] * (double) b[i];
        }
    }
}
