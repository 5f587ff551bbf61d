package io.github.expogguf.cli.search;

import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import java.util.List;
import java.util.Map;

/**
 * All there is to say about a search.
 *
 * @param score            kind of score: {@code margin}, {@code reward} or {@code judge}
 * @param inputs           what the scores depend on, by name, as in the log
 * @param answersPerPrompt answers behind the score of a prompt; 0 where the model did not answer
 * @param options          how was searched
 * @param result           what was found
 * @param elapsedNanos     wall time
 */
record SearchReport(
        String score,
        Map<String, String> inputs,
        int answersPerPrompt,
        SearchOptions options,
        SearchResult result,
        long elapsedNanos) {

    List<Trial> trials() {
        return result.trials();
    }

    /** Names of the guards that were measured, in their order. */
    List<String> guards() {
        return List.copyOf(trials().getFirst().evaluation().guards().keySet());
    }

    /** Number of prompts, or of preference pairs. */
    int prompts() {
        return trials().getFirst().evaluation().scores().size();
    }

    boolean isBest(Trial trial) {
        return result.best().filter(trial::equals).isPresent();
    }

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
            case RANGE_ENDS -> "the maximum is at the end of the range; beyond it may be more (--max-alpha)";
            case EVALUATIONS_USED -> "no more evaluations were allowed (--max-evaluations)";
            case NOTHING_ALLOWED -> "no alpha keeps the bounds";
        };
    }

    /** How many standard errors the maximum must be above alpha 0, and the choice close to the maximum. */
    String choice() {
        if (result.best().isEmpty()) {
            return "no alpha keeps the bounds";
        }
        return result.isImprovement()
                ? "the alpha closest to 0 within one standard error of the maximum"
                : "no alpha is above the aligned model by more than two standard errors";
    }
}
