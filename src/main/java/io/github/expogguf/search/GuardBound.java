package io.github.expogguf.search;

import java.util.Locale;

/**
 * How far a guard may go; an alpha beyond it is out of the question, however well it scores.
 *
 * @param guard name of the guard, as in {@link Evaluation#guards}
 * @param side  on which side of the limit it must stay
 * @param limit the limit, itself allowed
 */
public record GuardBound(String guard, Side side, double limit) {

    /** Sides of a limit. */
    public enum Side {
        /** The guard must not be more. */
        AT_MOST,
        /** The guard must not be less. */
        AT_LEAST
    }

    /** Checks the limit. */
    public GuardBound {
        if (Double.isNaN(limit)) {
            throw new IllegalArgumentException("the limit of " + guard + " is not a number");
        }
    }

    /** The guard must not be more than this. */
    public static GuardBound atMost(String guard, double limit) {
        return new GuardBound(guard, Side.AT_MOST, limit);
    }

    /** The guard must not be less than this. */
    public static GuardBound atLeast(String guard, double limit) {
        return new GuardBound(guard, Side.AT_LEAST, limit);
    }

    /**
     * Whether an evaluation stays within; one whose guard is not a number does not.
     *
     * @throws IllegalArgumentException if the guard was not measured
     */
    public boolean isMet(Evaluation evaluation) {
        Double value = evaluation.guards().get(guard);
        if (value == null) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s is bounded but was not measured at alpha %s; measured were %s",
                    guard,
                    evaluation.alpha(),
                    evaluation.guards().keySet()));
        }
        return switch (side) {
            case AT_MOST -> value <= limit;
            case AT_LEAST -> value >= limit;
        };
    }

    /** As in {@code length <= 1.3}. */
    @Override
    public String toString() {
        return guard + (side == Side.AT_MOST ? " <= " : " >= ") + limit;
    }
}
