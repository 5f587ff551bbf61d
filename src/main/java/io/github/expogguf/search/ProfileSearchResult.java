package io.github.expogguf.search;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a search over profiles found.
 *
 * <p>The best of many is a little better by chance always. So one alpha for all tensors stays the choice, unless the
 * highest score of the other profiles is above the highest score of that, within the bounds or not, by more than {@link
 * #errorsNeeded} standard errors of the difference by prompt, of at least {@link #promptsNeeded} prompts, and above
 * alpha 0 by more than two. The uniform profile is looked at, too, at the alpha where that one is highest and at those
 * next to it, before it loses.
 *
 * @param uniform    one alpha for all tensors, the search by itself
 * @param candidates the profiles in their order, then the gradient
 * @param prompts    how many prompts decide
 * @param best       the choice; empty if no alpha of the uniform profile keeps the bounds
 */
public record ProfileSearchResult(SearchResult uniform, List<Candidate> candidates, int prompts, Optional<Trial> best) {

    /** That one mean of many lies above 0 by more than two standard errors for no reason. */
    private static final double CHANCE = 0.022750131948179;

    /** Copies the list. */
    public ProfileSearchResult {
        Objects.requireNonNull(uniform, "uniform");
        Objects.requireNonNull(best, "best");
        candidates = Elements.copy(candidates, "candidates");
    }

    /**
     * A profile, or the gradient, which is a profile for every slope.
     *
     * @param name              as in {@code depth}
     * @param trials            what was evaluated of it, but for alpha 0, which all share
     * @param highest           the highest score within the bounds, if one keeps them
     * @param edge              what that lies at, so that it is no maximum of a profile; empty for the gradient
     * @param advantage         the highest less that of the uniform profile, which may be beyond the bounds, on the
     *                          prompts that decide
     * @param reportedAdvantage the same on the prompts that were kept to report on
     * @param verdict           whether it was chosen
     * @param end               why no more was evaluated
     */
    public record Candidate(
            String name,
            List<Trial> trials,
            Optional<Trial> highest,
            Optional<SearchResult.Edge> edge,
            Optional<Estimate> advantage,
            Optional<Estimate> reportedAdvantage,
            Verdict verdict,
            SearchResult.End end) {
        /** Copies the list. */
        public Candidate {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(highest, "highest");
            Objects.requireNonNull(edge, "edge");
            Objects.requireNonNull(advantage, "advantage");
            Objects.requireNonNull(reportedAdvantage, "reportedAdvantage");
            Objects.requireNonNull(verdict, "verdict");
            Objects.requireNonNull(end, "end");
            trials = Elements.copy(trials, "trials");
        }
    }

    /** Whether a profile was chosen. */
    public enum Verdict {
        /** It is above the highest of the uniform profile by more than chance, and above all others that are. */
        CHOSEN,
        /** It is not above that by more than chance, or another is higher. */
        NOT_CHOSEN,
        /**
         * It is above what was looked at of the uniform profile by more than chance. But that was not looked at as
         * closely, and no more evaluations were allowed: its search was ended by them, or too few are left to look at
         * the alpha where this one is highest and at those next to it.
         */
        UNCONFIRMED
    }

    /** {@return everything that was evaluated, each once: the uniform profile, then the candidates} */
    public List<Trial> trials() {
        return Stream.concat(
                        uniform.trials().stream(),
                        candidates.stream().flatMap(candidate -> candidate.trials().stream()))
                .distinct()
                .toList();
    }

    /** {@return how many models of other profiles were looked at} */
    public int looks() {
        return trials().size() - uniform.trials().size();
    }

    /**
     * How far the highest of other profiles has to be above the highest of the uniform one.
     *
     * @return two standard errors for one look at many prompts; more for more looks, so that the chance that the
     *         highest of them lies above it for no reason stays as small, and for few prompts, whose standard error is
     *         known badly (Student's t); infinite for a single prompt
     */
    public double errorsNeeded() {
        return prompts < 2 ? Double.POSITIVE_INFINITY : StudentT.quantile(chance(), prompts - 1);
    }

    /**
     * How many prompts can tell. If profiles make no difference, a profile is better on every one of fewer prompts more
     * often than chance may choose it, however alike the differences are.
     *
     * @return the least number of prompts with which another profile is chosen
     */
    public int promptsNeeded() {
        return (int) Math.ceil(-Math.log(chance()) / Math.log(2));
    }

    /** That one look is above what is needed for no reason. */
    private double chance() {
        return CHANCE / Math.max(1, looks());
    }

    /** {@return whether a profile other than the uniform one was chosen} */
    public boolean isProfileChosen() {
        return best.filter(trial -> !trial.evaluation().profile().equals(AlphaProfile.UNIFORM))
                .isPresent();
    }
}
