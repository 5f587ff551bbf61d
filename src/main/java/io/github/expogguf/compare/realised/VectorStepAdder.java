package io.github.expogguf.compare.realised;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.F2D;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * SIMD code: a few places at a time through all strips, so that their sums stay in registers. The product of two floats
 * is exact in a double; a multiplication and an addition of vectors are never fused.
 */
final class VectorStepAdder implements StepAdder {

    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
    private static final int LANES = DOUBLES.length();

    private final StepAdder rest = new ScalarStepAdder();

    @Override
    public void add(
            long count, MemorySegment aligned, MemorySegment extrapolated, MemorySegment written, double[][] sums) {
        long wholeStrips = count / PLACES * PLACES;
        for (int place = 0; place < PLACES; place += LANES) {
            addPlaces(place, wholeStrips, aligned, extrapolated, written, sums);
        }
        long offset = wholeStrips * Float.BYTES;
        rest.add(
                count - wholeStrips,
                aligned.asSlice(offset),
                extrapolated.asSlice(offset),
                written.asSlice(offset),
                sums);
    }

    private static void addPlaces(
            int place,
            long count,
            MemorySegment aligned,
            MemorySegment extrapolated,
            MemorySegment written,
            double[][] sums) {
        DoubleVector stepSquares = DoubleVector.fromArray(DOUBLES, sums[STEP_SQUARES], place);
        DoubleVector stepAligned = DoubleVector.fromArray(DOUBLES, sums[STEP_ALIGNED], place);
        DoubleVector alignedSquares = DoubleVector.fromArray(DOUBLES, sums[ALIGNED_SQUARES], place);
        DoubleVector changeStep = DoubleVector.fromArray(DOUBLES, sums[CHANGE_STEP], place);
        DoubleVector changeAligned = DoubleVector.fromArray(DOUBLES, sums[CHANGE_ALIGNED], place);
        DoubleVector changeSquares = DoubleVector.fromArray(DOUBLES, sums[CHANGE_SQUARES], place);
        for (long i = place; i < count; i += PLACES) {
            long offset = i * Float.BYTES;
            FloatVector weights = FloatVector.fromMemorySegment(FLOATS, aligned, offset, LITTLE_ENDIAN);
            DoubleVector weight = toDoubles(weights);
            DoubleVector step = toDoubles(FloatVector.fromMemorySegment(FLOATS, extrapolated, offset, LITTLE_ENDIAN)
                    .sub(weights));
            DoubleVector change = toDoubles(FloatVector.fromMemorySegment(FLOATS, written, offset, LITTLE_ENDIAN)
                    .sub(weights));
            stepSquares = stepSquares.add(step.mul(step));
            stepAligned = stepAligned.add(step.mul(weight));
            alignedSquares = alignedSquares.add(weight.mul(weight));
            changeStep = changeStep.add(change.mul(step));
            changeAligned = changeAligned.add(change.mul(weight));
            changeSquares = changeSquares.add(change.mul(change));
        }
        stepSquares.intoArray(sums[STEP_SQUARES], place);
        stepAligned.intoArray(sums[STEP_ALIGNED], place);
        alignedSquares.intoArray(sums[ALIGNED_SQUARES], place);
        changeStep.intoArray(sums[CHANGE_STEP], place);
        changeAligned.intoArray(sums[CHANGE_ALIGNED], place);
        changeSquares.intoArray(sums[CHANGE_SQUARES], place);
    }

    private static DoubleVector toDoubles(FloatVector floats) {
        return (DoubleVector) floats.convertShape(F2D, DOUBLES, 0);
    }
}
