package io.github.expogguf.compare.realised;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Sums over weights of a tensor that was extrapolated and written, from which follows what arrived of the
 * extrapolation. The {@code step} is what was to happen, {@code extrapolated - aligned}; the {@code change} is what
 * happened, {@code written - aligned}: both differences in float32, everything else in float64, in an order that
 * depends on the count alone.
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
     * {@return sums over some weights}
     *
     * @param count        weights
     * @param aligned      {@code count} floats, native order, of the aligned model
     * @param extrapolated as many that should have been written
     * @param written      as many that were
     */
    public static StepSums of(long count, MemorySegment aligned, MemorySegment extrapolated, MemorySegment written) {
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(extrapolated, "extrapolated");
        Objects.requireNonNull(written, "written");
        double[][] sums = new double[StepAdder.SUMS][StepAdder.PLACES];
        new SwitchingStepAdder().add(count, aligned, extrapolated, written, sums);
        return new StepSums(
                count,
                total(sums[StepAdder.STEP_SQUARES]),
                total(sums[StepAdder.STEP_ALIGNED]),
                total(sums[StepAdder.ALIGNED_SQUARES]),
                total(sums[StepAdder.CHANGE_STEP]),
                total(sums[StepAdder.CHANGE_ALIGNED]),
                total(sums[StepAdder.CHANGE_SQUARES]));
    }

    private static double total(double[] sums) {
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    /**
     * {@return these and others}
     *
     * @param other sums over other weights
     */
    public StepSums plus(StepSums other) {
        Objects.requireNonNull(other, "other");
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
