package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** SIMD code. A multiplication and an addition of vectors are never fused, so it rounds as plain Java does. */
record VectorKernel(float alpha) implements ExtrapolationKernel {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    @Override
    public void extrapolate(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        WeightSegments.check(count, sft, aligned, target);
        long i = 0;
        for (long bound = count - LANES; i <= bound; i += LANES) {
            long offset = i * Float.BYTES;
            FloatVector alignedLanes = FloatVector.fromMemorySegment(FLOATS, aligned, offset, LITTLE_ENDIAN);
            FloatVector sftLanes = FloatVector.fromMemorySegment(FLOATS, sft, offset, LITTLE_ENDIAN);
            FloatVector delta = alignedLanes.sub(sftLanes);
            FloatVector step = delta.mul(alpha);
            alignedLanes.add(step).intoMemorySegment(target, offset, LITTLE_ENDIAN);
        }
        for (; i < count; i++) {
            float from = sft.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            float to = aligned.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            float delta = to - from;
            float step = alpha * delta;
            target.setAtIndex(JAVA_FLOAT_UNALIGNED, i, to + step);
        }
    }
}
