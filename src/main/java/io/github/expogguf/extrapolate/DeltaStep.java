package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.text.Numbers;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A further difference, added to what was extrapolated: {@code result + weight * (aligned - sft)}. IEEE binary32,
 * unfused, in this order: {@code delta = aligned - sft}, {@code step = weight * delta}, {@code result = result + step}.
 *
 * @param weight finite; negative weights take the difference away
 */
public record DeltaStep(float weight) {

    private static final int STRIP = 1024;

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if the weight is infinite or NaN
     */
    public DeltaStep {
        Numbers.requireFinite(weight, "weight");
    }

    /**
     * Adds to many weights.
     *
     * @param count   weights, 0 or more
     * @param sft     {@code count} floats, native order, read only
     * @param aligned {@code count} floats, native order, read only
     * @param result  {@code count} floats, native order, changed; overlaps neither
     * @throws IllegalArgumentException if a segment is too small or overlaps
     */
    public void add(long count, MemorySegment sft, MemorySegment aligned, MemorySegment result) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(result, "result");
        WeightSegments.check(count, sft, aligned, result);
        float[] from = new float[(int) Math.min(count, STRIP)];
        float[] to = new float[from.length];
        float[] sum = new float[from.length];
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            long offset = done * Float.BYTES;
            MemorySegment.copy(sft, JAVA_FLOAT_UNALIGNED, offset, from, 0, length);
            MemorySegment.copy(aligned, JAVA_FLOAT_UNALIGNED, offset, to, 0, length);
            MemorySegment.copy(result, JAVA_FLOAT_UNALIGNED, offset, sum, 0, length);
            for (int i = 0; i < length; i++) {
                float delta = to[i] - from[i];
                float step = weight * delta;
                sum[i] = sum[i] + step;
            }
            MemorySegment.copy(sum, 0, result, JAVA_FLOAT_UNALIGNED, offset, length);
        }
    }
}
