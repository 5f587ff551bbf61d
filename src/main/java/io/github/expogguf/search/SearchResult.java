package io.github.expogguf.search;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a search found.
 *
 * <p>The best is chosen on the prompts that decide. It is alpha 0, unless the maximum is above alpha 0 by more than two
 * standard errors of the difference by prompt: the highest of many noisy scores is a little higher always. Otherwise it
 * is the alpha closest to 0 whose score is within one standard error of the maximum, because what cannot be told apart
 * from the maximum and changes the model less is the safer choice.
 *
 * @param trials  everything that was evaluated, the smallest alpha first
 * @param best    the choice; empty if no alpha keeps the bounds
 * @param highest the highest score within the bounds, be it by chance; empty if no alpha keeps the bounds
 * @param edge    what the highest score lies at, so that it is no maximum: farther out there may be more
 * @param end     why no more alphas were evaluated
 * @param hunch   where nothing scored the models: what speaks for the choice
 */
public record SearchResult(
        List<Trial> trials,
        Optional<Trial> best,
        Optional<Trial> highest,
        Optional<Edge> edge,
        End end,
        Optional<Hunch> hunch) {

    /** Copies the list. */
    public SearchResult {
        Objects.requireNonNull(best, "best");
        Objects.requireNonNull(highest, "highest");
        Objects.requireNonNull(edge, "edge");
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(hunch, "hunch");
        trials = Elements.copy(trials, "trials");
    }

    /**
     * What there is to say of an alpha that nobody judged.
     *
     * @param low      the best alphas of six miniature pairs lie at divergences from the aligned model between 0.03 and
     *                 0.2 nats per token; here the first is reached at this alpha; empty if it was not reached between
     *                 two alphas that were looked at
     * @param high     and the last at this, or a bound is broken there; empty as before
     * @param likeness how like the answers are to those at both neighbouring alphas, {@link
     *                 io.github.expogguf.score.AnswerLikeness}; empty if there are no two
     */
    public record Hunch(OptionalDouble low, OptionalDouble high, Optional<Estimate> likeness) {
        /** Refuses null. */
        public Hunch {
            Objects.requireNonNull(low, "low");
            Objects.requireNonNull(high, "high");
            Objects.requireNonNull(likeness, "likeness");
        }
    }

    /** Where the scores do not fall and were not followed; alphas that score the same, side by side, are as one. */
    public enum Edge {
        /** A bound: the next alpha scores no less, and is excluded. */
        BOUND,
        /** The last alpha that was looked at. */
        RANGE
    }

    /** Why a search ended. */
    public enum End {
        /** Every alpha of the grid was evaluated. */
        GRID_DONE,
        /** The neighbours of the maximum are within one standard error of it, or outside of the bounds. */
        WITHIN_ERROR,
        /** The peak lies in an interval that is narrow enough. */
        NARROW,
        /** Nothing scores higher than the aligned model. */
        NO_RISE,
        /** The maximum is the last alpha that may be tried; beyond it may be more. */
        RANGE_ENDS,
        /** The divergence from the aligned model is what it was to be. */
        GOAL,
        /** No more evaluations were allowed. */
        EVALUATIONS_USED,
        /** No alpha keeps the bounds. */
        NOTHING_ALLOWED
    }

    /** {@return the highest score, if the scores fall on both sides of it or it is that of alpha 0} */
    public Optional<Trial> maximum() {
        return edge.isPresent() ? Optional.empty() : highest;
    }

    /** {@return whether the best is an improvement that the errors leave no doubt of} */
    public boolean isImprovement() {
        return best.filter(trial -> trial.alpha() != 0).isPresent();
    }
}
