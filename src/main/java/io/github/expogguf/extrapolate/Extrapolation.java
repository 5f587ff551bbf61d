package io.github.expogguf.extrapolate;

import io.github.expogguf.simd.Unmapped;
import io.github.expogguf.text.Numbers;
import java.lang.foreign.MemorySegment;

/**
 * ExPO: {@code extrapolated = aligned + alpha * (aligned - sft)}, from "Model Extrapolation Expedites Alignment",
 * <a href="https://arxiv.org/abs/2404.16792">arXiv 2404.16792</a>. The step from {@code sft} to {@code aligned} goes on
 * in its direction by {@code alpha} times its length: 0 is the aligned model, -1 the sft model.
 *
 * <p>Beware of other notations: for the same model mergekit's task_arithmetic wants {@code 1 + alpha} as the weight of
 * the aligned model with the sft model as its base, and some papers call that number alpha.
 *
 * <p>The arithmetic is IEEE binary32, unfused, in this order: {@code delta = aligned - sft}, {@code step = alpha *
 * delta}, {@code result = aligned + step}. Any other program that keeps to it gets the same bits.
 *
 * @param alpha how far to go on, finite; published models use 0.1 to 0.5
 */
public record Extrapolation(float alpha) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if alpha is infinite or NaN
     */
    public Extrapolation {
        Numbers.requireFinite(alpha, "alpha");
    }

    /**
     * {@return the formula for one weight; the kernels agree with it bit for bit, except in what a NaN carries}
     *
     * @param sft     weight of the SFT model
     * @param aligned weight of the aligned model
     */
    public float apply(float sft, float aligned) {
        float delta = aligned - sft;
        float step = alpha * delta;
        return aligned + step;
    }

    /** {@return the fastest kernel of this JVM} */
    public ExtrapolationKernel kernel() {
        return ExtrapolationKernel.of(this);
    }

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
