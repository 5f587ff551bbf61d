package io.github.expogguf.compare;

import java.util.Objects;

/**
 * How the magnitudes of deltas are distributed, counted in steps of half a power of two. Integers, so the order in
 * which they are added changes nothing. Used by one thread.
 */
public final class Magnitudes {

    private static final int SHIFT = 22; // leaves the exponent and the first bit of the fraction
    private static final int STEPS = Float.floatToRawIntBits(Float.POSITIVE_INFINITY) >>> SHIFT;

    private final long[] counts = new long[STEPS + 1];

    /** None counted yet. */
    public Magnitudes() {}

    void add(float magnitude) {
        counts[Math.min(STEPS, Float.floatToRawIntBits(magnitude) >>> SHIFT)]++;
    }

    /**
     * Adds what others counted.
     *
     * @param other counts of other weights
     */
    public void add(Magnitudes other) {
        Objects.requireNonNull(other, "other");
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    /**
     * The magnitude below which a share of the deltas lie, to half a power of two: the upper end of the step that holds
     * it.
     *
     * @param share from 0 to 1
     * @return 0 if that many deltas are 0, or there are none
     */
    public float quantile(double share) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        long wanted = (long) Math.ceil(share * total);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return i == 0 ? 0 : Float.intBitsToFloat((i + 1) << SHIFT);
            }
        }
        return 0;
    }
}
