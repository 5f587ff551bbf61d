package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.RepeatableWords;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Numbers;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All there is to say about a search.
 *
 * @param score            kind of score: {@code margin}, {@code reward} or {@code judge}
 * @param inputs           what the scores depend on, by name, as in the log
 * @param words            that search the same again, and give the same model, if one is written
 * @param answersPerPrompt answers behind the score of a prompt; 0 where the model did not answer
 * @param options          how was searched
 * @param result           what was found with one alpha for all tensors
 * @param profiles         what was found with others beside it, if any were tried
 * @param elapsedNanos     wall time
 */
record SearchReport(
        String score,
        Map<String, String> inputs,
        Optional<RepeatableWords> words,
        int answersPerPrompt,
        SearchOptions options,
        SearchResult result,
        Optional<ProfileSearchResult> profiles,
        long elapsedNanos) {

    List<Trial> trials() {
        return result.trials();
    }

    /** Those, and all of other profiles. */
    List<Trial> all() {
        return profiles.map(ProfileSearchResult::trials).orElseGet(this::trials);
    }

    /** The choice; empty if no alpha keeps the bounds. */
    Optional<Trial> best() {
        return profiles.map(ProfileSearchResult::best).orElseGet(result::best);
    }

    /** As in {@code alpha 0.3} or {@code alpha 0.3 with *0.5..1.5}. */
    static String name(Trial trial) {
        AlphaProfile profile = trial.evaluation().profile();
        String alpha = "alpha " + Numbers.brief(trial.alpha());
        return profile.equals(AlphaProfile.UNIFORM) ? alpha : alpha + " with " + profile.name();
    }

    /** Names of the guards that were measured, in their order. */
    List<String> guards() {
        return List.copyOf(trials().getFirst().evaluation().guards().keySet());
    }

    /** Whether the score only says how much changes. */
    boolean isUnjudged() {
        return score.equals(ScoreFlags.LIKENESS);
    }

    /** What the choice is called. */
    String chosenWord() {
        return isUnjudged() ? "suggested" : "best";
    }

    /** Number of prompts, or of preference pairs. */
    int prompts() {
        return trials().getFirst().evaluation().scores().size();
    }

    boolean isBest(Trial trial) {
        return best().filter(trial::equals).isPresent();
    }

    boolean isHighest(Trial trial) {
        return result.highest().filter(trial::equals).isPresent();
    }

    /** A peak, with lower scores on both sides. */
    boolean isMaximum(Trial trial) {
        return result.maximum().filter(trial::equals).isPresent();
    }

    /** Why no more was evaluated, as a sentence without its full stop. */
    String end() {
        return switch (result.end()) {
            case GRID_DONE -> "every alpha of the grid was evaluated";
            case WITHIN_ERROR -> "closer to the maximum, differences are within one standard error";
            case NARROW -> "the peak lies between two alphas that are close to each other";
            case NO_RISE -> "no alpha scores higher than the aligned model";
            case RANGE_ENDS ->
                isUnjudged()
                        ? "the divergence stays lower than judged pairs were best at up to the end of the range"
                                + " (--max-alpha)"
                        : "the scores rise to the end of the range (--max-alpha)";
            case GOAL -> "the divergence from the aligned model is what judged pairs were best at";
            case EVALUATIONS_USED -> "no more evaluations were allowed (--max-evaluations)";
            case NOTHING_ALLOWED ->
                isUnjudged()
                        ? "no alpha above 0 keeps the bounds and diverges measurably"
                        : "no alpha keeps the bounds";
        };
    }

    /** Why the highest score is no maximum, as a sentence without its full stop. */
    Optional<String> edge() {
        return result.edge().map(edge -> switch (edge) {
            case BOUND ->
                "the scores still rise where the bounds end the search ("
                        + beyond().violated().stream()
                                .map(SearchTable::violation)
                                .collect(Collectors.joining(", "))
                        + " at alpha " + Numbers.brief(beyond().alpha()) + ")";
            case RANGE ->
                outwards().findAny().isEmpty()
                        ? "the scores still rise at the last alpha that was looked at"
                        : "the scores stay the same up to the last alpha that was looked at";
        });
    }

    /** The next alpha after the highest score, or after those that score the same, where a bound is broken. */
    private Trial beyond() {
        float highest = result.highest().orElseThrow().alpha();
        return outwards()
                .filter(trial -> !trial.isAllowed())
                .min(Comparator.comparingDouble(trial -> Math.abs(trial.alpha() - highest)))
                .orElseThrow();
    }

    /** What was looked at farther out than the highest score. */
    private Stream<Trial> outwards() {
        float highest = result.highest().orElseThrow().alpha();
        return trials().stream().filter(trial -> highest < 0 ? trial.alpha() < highest : trial.alpha() > highest);
    }

    /** What another profile needs to be chosen; empty if none was looked at. */
    static Optional<String> needed(ProfileSearchResult tried) {
        if (tried.looks() == 0) {
            return Optional.empty();
        }
        String highest = tried.looks() == 1 ? "" : ", as the highest of " + Units.count(tried.looks(), "model");
        return Optional.of(
                tried.prompts() < tried.promptsNeeded()
                        ? "at least " + tried.promptsNeeded() + " prompts" + highest + "; " + tried.prompts()
                                + " cannot tell"
                        : "more than " + Numbers.fixed(tried.errorsNeeded(), 1) + " standard errors" + highest);
    }

    /** Why the highest score of a profile is no maximum of it. */
    static Optional<String> edge(ProfileSearchResult.Candidate candidate) {
        return candidate.edge().map(edge -> switch (edge) {
            case BOUND -> "its scores do not fall before the bounds end its search";
            case RANGE -> "its scores do not fall up to the last alpha that was looked at";
        });
    }

    /** Why a profile that is above one alpha for all was not chosen, if it was not looked at closely enough. */
    static Optional<String> unconfirmed(ProfileSearchResult.Candidate candidate) {
        return candidate.verdict() == ProfileSearchResult.Verdict.UNCONFIRMED
                ? Optional.of("--max-evaluations left too few to try one alpha for all there")
                : Optional.empty();
    }

    /** How many standard errors the maximum must be above alpha 0, and the choice close to the maximum. */
    String choice() {
        return profiles.filter(ProfileSearchResult::isProfileChosen).isPresent()
                ? "a profile above the best of one alpha for all by more than chance"
                : choiceOfAlpha();
    }

    private String choiceOfAlpha() {
        if (result.best().isEmpty()) {
            return "no alpha keeps the bounds";
        }
        if (isUnjudged() && result.hunch().isEmpty()) {
            return "the aligned model; no alpha above 0 keeps the bounds and diverges measurably";
        }
        if (isUnjudged()) {
            return "by divergence and bounds alone; nothing judged the answers, listen to some";
        }
        return result.isImprovement()
                ? "the alpha closest to 0 within one standard error of the "
                        + (result.edge().isPresent() ? "highest score" : "maximum")
                : "no alpha is above the aligned model by more than two standard errors";
    }
}
