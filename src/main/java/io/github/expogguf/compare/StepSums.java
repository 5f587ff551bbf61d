package io.github.expogguf.compare;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Sums over weights of a tensor that was extrapolated and written, from which follows what arrived of the extrapolation. The
 * {@code step} is what was to happen, {@code extrapolated - aligned}; the {@code change} is what happened, {@code written -
 * aligned}: both differences in float32, everything else in float64, in an order that depends on the count alone.
 *
 * @param elements       weights
 * @param stepSquares    sum of the squares of the steps
 * @param stepAligned    of the products of step and aligned weight
 * @param alignedSquares of the squares of the aligned weights
 * @param changeStep     of the products of change and step
 * @param changeAligned  of the products of change and aligned weight
 * @param changeSquares  of the squares of the changes
 */
public record StepSums(
        long elements,
        double stepSquares,
        double stepAligned,
        double alignedSquares,
        double changeStep,
        double changeAligned,
        double changeSquares) {

    /** Of no weights. */
    public static final StepSums NONE = new StepSums(0, 0, 0, 0, 0, 0, 0);

    /**
     * Weights looked at together; each place of a strip has its own sums, so that the compiler turns the loops into SIMD code.
     * What belongs to a strip stays in the L1 cache.
     */
    private static final int STRIP = 512;

    /**
     * Sums over some weights.
     *
     * @param count        weights
     * @param aligned      {@code count} floats, native order, of the aligned model
     * @param extrapolated as many that should have been written
     * @param written      as many that were
     */
    public static StepSums of(long count, MemorySegment aligned, MemorySegment extrapolated, MemorySegment written) {
        int length = (int) Math.min(STRIP, count);
        float[] weight = new float[length];
        float[] step = new float[length];
        float[] change = new float[length];
        double[] stepSquares = new double[length];
        double[] stepAligned = new double[length];
        double[] alignedSquares = new double[length];
        double[] changeStep = new double[length];
        double[] changeAligned = new double[length];
        double[] changeSquares = new double[length];
        for (long done = 0; done < count; done += STRIP) {
            int strip = (int) Math.min(STRIP, count - done);
            long offset = done * Float.BYTES;
            MemorySegment.copy(aligned, JAVA_FLOAT_UNALIGNED, offset, weight, 0, strip);
            MemorySegment.copy(extrapolated, JAVA_FLOAT_UNALIGNED, offset, step, 0, strip);
            MemorySegment.copy(written, JAVA_FLOAT_UNALIGNED, offset, change, 0, strip);
            subtract(strip, step, weight);
            subtract(strip, change, weight);
            addProducts(strip, step, step, stepSquares);
            addProducts(strip, step, weight, stepAligned);
            addProducts(strip, weight, weight, alignedSquares);
            addProducts(strip, change, step, changeStep);
            addProducts(strip, change, weight, changeAligned);
            addProducts(strip, change, change, changeSquares);
        }
        return new StepSums(
                count,
                total(stepSquares),
                total(stepAligned),
                total(alignedSquares),
                total(changeStep),
                total(changeAligned),
                total(changeSquares));
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

    private static double total(double[] sums) {
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    /** These and others. */
    public StepSums plus(StepSums other) {
        return new StepSums(
                elements + other.elements,
                stepSquares + other.stepSquares,
                stepAligned + other.stepAligned,
                alignedSquares + other.alignedSquares,
                changeStep + other.changeStep,
                changeAligned + other.changeAligned,
                changeSquares + other.changeSquares);
    }
}
