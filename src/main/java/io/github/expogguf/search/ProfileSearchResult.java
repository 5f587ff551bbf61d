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
 * highest score of the other profiles is above the highest score of that by more than {@link #errorsNeeded} standard
 * errors of the difference by prompt, and above alpha 0 by more than two. The uniform profile is looked at, too, at the
 * alpha where that one is highest and at those next to it, before it loses.
 *
 * @param uniform    one alpha for all tensors, the search by itself
 * @param candidates the profiles in their order, then the gradient
 * @param best       the choice; empty if no alpha of the uniform profile keeps the bounds
 */
public record ProfileSearchResult(SearchResult uniform, List<Candidate> candidates, Optional<Trial> best) {

    private static final double FOR_ONE = 2;

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
     * @param advantage         that less the highest score of the uniform profile, on the prompts that decide
     * @param reportedAdvantage the same on the prompts that were kept to report on
     * @param verdict           whether it was chosen
     * @param end               why no more was evaluated
     */
    public record Candidate(
            String name,
            List<Trial> trials,
            Optional<Trial> highest,
            Optional<Estimate> advantage,
            Optional<Estimate> reportedAdvantage,
            Verdict verdict,
            SearchResult.End end) {
        /** Copies the list. */
        public Candidate {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(highest, "highest");
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
     * @return two standard errors for one look, {@code sqrt(4 + 2 ln looks)} for more: at that height the chance that
     *         the highest of them lies above it for no reason is that of one look at two
     */
    public double errorsNeeded() {
        return Math.sqrt(FOR_ONE * FOR_ONE + 2 * Math.log(Math.max(1, looks())));
    }

    /** {@return whether a profile other than the uniform one was chosen} */
    public boolean isProfileChosen() {
        return best.filter(trial -> !trial.evaluation().profile().equals(AlphaProfile.UNIFORM))
                .isPresent();
    }
}
