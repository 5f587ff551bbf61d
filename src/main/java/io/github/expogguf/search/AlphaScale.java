package io.github.expogguf.search;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Alphas on a scale of their own: even near 0, where a tenth matters, and logarithmic from there up, because published
 * optima lie between 0.1 and 25.
 */
public final class AlphaScale {

    private static final double EVEN_UP_TO = 0.1;

    /** Steps upwards; beyond the last they double. */
    private static final List<Float> STEPS = List.of(0.1f, 0.25f, 0.5f, 1f);

    private static final MathContext TWO_DIGITS = new MathContext(2);

    private AlphaScale() {}

    /**
     * {@return the place of an alpha on the scale; 0 is at 0, and negative ones mirror the positive}
     *
     * @param alpha weight of the delta
     */
    public static double position(double alpha) {
        return Math.copySign(Math.log1p(Math.abs(alpha) / EVEN_UP_TO), alpha);
    }

    /**
     * {@return the alpha at a place on the scale}
     *
     * @param position as {@link #position} gives it
     */
    public static double alpha(double position) {
        return Math.copySign(Math.expm1(Math.abs(position)) * EVEN_UP_TO, position);
    }

    /** The steps of a walk up from 0, which is not one of them, to a limit, which is the last. */
    static List<Float> stepsTo(float limit) {
        List<Float> steps = new ArrayList<>();
        float next = STEPS.getFirst();
        while (next < limit) {
            steps.add(next);
            int taken = steps.size();
            next = taken < STEPS.size() ? STEPS.get(taken) : next * 2;
        }
        steps.add(limit);
        return steps;
    }

    /** Steps that double, from a first one to a limit, which is the last. */
    static List<Float> doublingTo(float limit, float first) {
        List<Float> steps = new ArrayList<>();
        for (float next = first; next < limit; next *= 2) {
            steps.add(next);
        }
        steps.add(limit);
        return steps;
    }

    /** Steps from an alpha back towards 0, a quarter each, in two digits; none below 0.1. */
    static List<Float> backFrom(float first) {
        List<Float> steps = new ArrayList<>();
        for (float next = first / 4; next >= EVEN_UP_TO; next /= 4) {
            steps.add(twoDigits(next));
        }
        return steps;
    }

    /** The alpha half way between two on the scale, in two digits. */
    static float between(float low, float high) {
        return twoDigits(alpha((position(low) + position(high)) / 2));
    }

    /**
     * {@return the nearest alpha of two significant digits}
     *
     * @param alpha weight of the delta
     */
    public static float twoDigits(double alpha) {
        return new BigDecimal(alpha).round(TWO_DIGITS).floatValue();
    }
}
