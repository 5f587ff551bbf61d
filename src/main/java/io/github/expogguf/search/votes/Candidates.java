package io.github.expogguf.search.votes;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.search.AlphaScale;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The alphas that are compared. They end where models collapse, so that nobody is offered one that has: at the distance
 * from which on the score of every miniature pair declined.
 */
public final class Candidates {

    /** Steps from 0 to the largest: fine enough for a curve that is smooth, few enough for a person. */
    public static final int DEFAULT_STEPS = 12;

    static final int MOST_STEPS = 50;

    /** The largest alpha of a pair that nothing is known of; published ones stay below. */
    static final float UNKNOWN = 1;

    /** An aligned model that is as far already may be left by half as much again, as in a search. */
    private static final double FAR = 0.5;

    private Candidates() {}

    /**
     * {@return the largest alpha that may be heard, in two digits}
     *
     * @param distance how far apart the models are
     */
    public static float largest(DeltaDistance distance) {
        Objects.requireNonNull(distance, "distance");
        if (!distance.isMeasurable()) {
            return UNKNOWN;
        }
        return AlphaScale.twoDigits(
                Math.max(FAR, distance.alphaAt(DeltaDistance.DECLINE).orElse(0)));
    }

    /**
     * {@return 0 and {@value #DEFAULT_STEPS} steps to the largest that may be heard}
     *
     * @param distance how far apart the models are
     */
    public static List<Float> within(DeltaDistance distance) {
        return upTo(largest(distance), DEFAULT_STEPS);
    }

    /**
     * {@return 0 and alphas in even steps of {@link AlphaScale}, in two digits}
     *
     * @param largest the last of them, more than 0
     * @param steps   how many there are above 0; fewer, where two digits make two of them the same
     * @throws IllegalArgumentException if there is none of them, or more than a person can hear
     */
    public static List<Float> upTo(float largest, int steps) {
        if (!(largest > 0 && Float.isFinite(largest))) {
            throw new IllegalArgumentException("largest is " + largest + ", expected more than 0");
        }
        if (steps < 1 || steps > MOST_STEPS) {
            throw new IllegalArgumentException("steps is " + steps + ", expected 1 to " + MOST_STEPS);
        }
        List<Float> alphas = new ArrayList<>(List.of(0f));
        for (int step = 1; step < steps; step++) {
            float alpha = AlphaScale.twoDigits(AlphaScale.alpha(AlphaScale.position(largest) * step / steps));
            if (alpha > alphas.getLast() && alpha < largest) {
                alphas.add(alpha);
            }
        }
        alphas.add(largest);
        return List.copyOf(alphas);
    }
}
