package io.github.expogguf.compare;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Sums over weights, from which everything about their difference follows. {@code delta = aligned - sft}, in float32 as
 * in the extrapolation; sums in float64.
 *
 * @param elements       weights
 * @param changed        those whose delta is not 0
 * @param sftSquares     sum of the squares of the SFT model's weights
 * @param alignedSquares of the aligned model's
 * @param deltaSquares   of the deltas
 * @param product        sum of the products of the SFT model's and the aligned model's weights
 * @param maxDelta       largest magnitude of a delta
 */
public record DeltaSums(
        long elements,
        long changed,
        double sftSquares,
        double alignedSquares,
        double deltaSquares,
        double product,
        float maxDelta) {

    /** Of no weights. */
    public static final DeltaSums NONE = new DeltaSums(0, 0, 0, 0, 0, 0, 0);

    /**
     * {@return sums over some weights}
     *
     * @param count      weights
     * @param sft        {@code count} floats, native order
     * @param aligned    as many
     * @param magnitudes takes the magnitudes of the deltas
     */
    public static DeltaSums of(long count, MemorySegment sft, MemorySegment aligned, Magnitudes magnitudes) {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(magnitudes, "magnitudes");
        long changed = 0;
        double sftSquares = 0;
        double alignedSquares = 0;
        double deltaSquares = 0;
        double product = 0;
        float maxDelta = 0;
        for (long i = 0; i < count; i++) {
            float from = sft.getAtIndex(JAVA_FLOAT, i);
            float to = aligned.getAtIndex(JAVA_FLOAT, i);
            float delta = to - from;
            float magnitude = Math.abs(delta);
            changed += delta != 0 ? 1 : 0;
            sftSquares += (double) from * from;
            alignedSquares += (double) to * to;
            deltaSquares += (double) delta * delta;
            product += (double) from * to;
            maxDelta = Math.max(maxDelta, magnitude);
            magnitudes.add(magnitude);
        }
        return new DeltaSums(count, changed, sftSquares, alignedSquares, deltaSquares, product, maxDelta);
    }

    /**
     * {@return these and others}
     *
     * @param other sums over other weights
     */
    public DeltaSums plus(DeltaSums other) {
        Objects.requireNonNull(other, "other");
        return new DeltaSums(
                elements + other.elements,
                changed + other.changed,
                sftSquares + other.sftSquares,
                alignedSquares + other.alignedSquares,
                deltaSquares + other.deltaSquares,
                product + other.product,
                Math.max(maxDelta, other.maxDelta));
    }

    /**
     * {@return an estimate for a tensor of which these weights are a sample; the largest delta stays that of the
     * sample}
     *
     * @param count weights of the tensor
     */
    public DeltaSums scaledTo(long count) {
        if (count == elements || elements == 0) {
            return this;
        }
        double factor = (double) count / elements;
        long changedOfAll = changed == 0 || changed == elements
                ? (changed == 0 ? 0 : count)
                : Math.clamp(Math.round(changed * factor), 1, count - 1);
        return new DeltaSums(
                count,
                changedOfAll,
                sftSquares * factor,
                alignedSquares * factor,
                deltaSquares * factor,
                product * factor,
                maxDelta);
    }

    /** {@return the root mean square of the deltas; 0 of no weights} */
    public double deltaRms() {
        return elements == 0 ? 0 : Math.sqrt(deltaSquares / elements);
    }

    /** {@return the norm of the delta as a share of the SFT model's; infinite where that is 0 and the delta is not} */
    public double relativeNorm() {
        return deltaSquares == 0 ? 0 : Math.sqrt(deltaSquares / sftSquares);
    }

    /** {@return the cosine of the angle between the two models' weights; 1 where both are 0, 0 where one is} */
    public double cosine() {
        if (sftSquares == 0 || alignedSquares == 0) {
            return sftSquares == alignedSquares ? 1 : 0;
        }
        return Math.clamp(product / Math.sqrt(sftSquares * alignedSquares), -1, 1);
    }

    /** {@return the share of the weights whose delta is not 0} */
    public double changedShare() {
        return elements == 0 ? 0 : (double) changed / elements;
    }
}
