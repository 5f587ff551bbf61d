package io.github.expogguf.search;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.score.PreferenceScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * How far a guard may go; an alpha beyond it is out of the question, however well it scores.
 *
 * @param guard name of the guard, as in {@link Evaluation#guards}
 * @param side  on which side of the limit it must stay
 * @param limit the limit, itself allowed
 */
public record GuardBound(String guard, Side side, double limit) {

    /** Divergence from the aligned model in nats per token: trained pairs scored best between 0.04 and 0.2. */
    public static final double DIVERGENCE = 0.2;

    /** Answers may be longer than the aligned model's by this factor. */
    public static final double LENGTH_RATIO = 1.3;

    /** By which shares of repetitions and of answers that are cut off may rise above the aligned model's. */
    public static final double RISE = 0.05;

    /** Standard errors, by pair, that accuracy may be below that of an alpha closer to 0. */
    public static final double ACCURACY_ERRORS = 1;

    /** An aligned model that is far from its SFT model already may be left by half as much again. */
    private static final double FAR = 1.5;

    private static final String ACCURACY = "accuracy";

    /** Sides of a limit. */
    public enum Side {
        /** The guard must not be more. */
        AT_MOST,
        /** The guard must not be less. */
        AT_LEAST,
        /** The guard must not be more than at alpha 0 and the limit. */
        RISES_AT_MOST,
        /**
         * The share of pairs whose margin is positive must not be below that of an alpha closer to 0 by more than this
         * many standard errors of the difference by pair; for scores that are margins. A margin that rises while the
         * share falls says that a model gets surer, not better.
         */
        FALLS_WITHIN_ERRORS
    }

    /** Checks the limit. */
    public GuardBound {
        Objects.requireNonNull(guard, "guard");
        Objects.requireNonNull(side, "side");
        if (Double.isNaN(limit)) {
            throw new IllegalArgumentException("the limit of " + guard + " is not a number");
        }
    }

    /**
     * The guard must not be more than this.
     *
     * @param guard name of the measured value
     * @param limit the bound, in the unit of the guard
     * @return a bound from above
     */
    public static GuardBound atMost(String guard, double limit) {
        Objects.requireNonNull(guard, "guard");
        return new GuardBound(guard, Side.AT_MOST, limit);
    }

    /**
     * The guard must not be less than this.
     *
     * @param guard name of the measured value
     * @param limit the bound, in the unit of the guard
     * @return a bound from below
     */
    public static GuardBound atLeast(String guard, double limit) {
        Objects.requireNonNull(guard, "guard");
        return new GuardBound(guard, Side.AT_LEAST, limit);
    }

    /**
     * The guard must not be more than at alpha 0 and this.
     *
     * @param guard name of the measured value
     * @param limit how much more than at alpha 0 it may be
     * @return a bound on a guard by what it is at alpha 0 and this
     */
    public static GuardBound risesAtMost(String guard, double limit) {
        Objects.requireNonNull(guard, "guard");
        return new GuardBound(guard, Side.RISES_AT_MOST, limit);
    }

    /**
     * The accuracy on preferences must not fall clearly while their margin, which is the score, rises.
     *
     * @param errors how many standard errors a fall has to have to count
     * @return a bound that refuses an accuracy on preferences that falls clearly while their margin, which is the
     *     score, rises
     */
    public static GuardBound accuracyHolds(double errors) {
        return new GuardBound(ACCURACY, Side.FALLS_WITHIN_ERRORS, errors);
    }

    /**
     * {@return the bounds that a search without a judge needs: neither margins nor answers alone tell a better model
     * from one that is lost}
     *
     * @param measurements what is measured; bounds of guards that are not are left out
     * @param aligned      distance of the aligned model from the SFT model, {@link DeltaDistance#at}; empty if it is
     *                     not known
     */
    public static List<GuardBound> withoutJudge(Measurements measurements, OptionalDouble aligned) {
        Objects.requireNonNull(measurements, "measurements");
        Objects.requireNonNull(aligned, "aligned");
        List<GuardBound> bounds = new ArrayList<>();
        bounds.add(atMost("kl", DIVERGENCE));
        if (!measurements.prompts().isEmpty()) {
            bounds.add(atMost("length", LENGTH_RATIO));
            bounds.add(risesAtMost("repetition", RISE));
            bounds.add(risesAtMost("cut-off", RISE));
        }
        if (!measurements.preferences().isEmpty()) {
            bounds.add(accuracyHolds(ACCURACY_ERRORS));
        }
        aligned.ifPresent(distance -> bounds.add(distanceAtMost(distance)));
        return bounds;
    }

    private static GuardBound distanceAtMost(double aligned) {
        return atMost(Measurements.DISTANCE, Math.max(DeltaDistance.FARTHEST_BEST, FAR * aligned));
    }

    /**
     * Whether an evaluation stays within; one whose guard is not a number does not.
     *
     * @param aligned the evaluation of alpha 0
     * @param closer  evaluations closer to 0, on the same side or at 0
     * @throws IllegalArgumentException if the guard was not measured
     */
    boolean isMet(Evaluation evaluation, Evaluation aligned, List<Evaluation> closer) {
        return switch (side) {
            case AT_MOST -> value(evaluation) <= limit;
            case AT_LEAST -> value(evaluation) >= limit;
            case RISES_AT_MOST -> value(evaluation) <= value(aligned) + limit;
            case FALLS_WITHIN_ERRORS -> {
                value(evaluation);
                List<Double> hits = PreferenceScores.hits(evaluation.scores());
                yield closer.stream()
                        .noneMatch(other -> Estimate.ofDifferences(PreferenceScores.hits(other.scores()), hits)
                                .isAbove(limit));
            }
        };
    }

    private double value(Evaluation evaluation) {
        Double value = evaluation.guards().get(guard);
        if (value == null) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s is bounded but was not measured at alpha %s; measured were %s",
                    guard,
                    evaluation.alpha(),
                    evaluation.guards().keySet()));
        }
        return value;
    }

    /** As in {@code length <= 1.3}. */
    @Override
    public String toString() {
        return guard
                + switch (side) {
                    case AT_MOST -> " <= " + limit;
                    case AT_LEAST -> " >= " + limit;
                    case RISES_AT_MOST -> " <= that of alpha 0 + " + limit;
                    case FALLS_WITHIN_ERRORS -> " >= its best closer to 0 - " + limit + " errors";
                };
    }
}
