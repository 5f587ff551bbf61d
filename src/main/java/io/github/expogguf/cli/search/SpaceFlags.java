package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.Alphas;
import io.github.expogguf.cli.option.Converters;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.SearchOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say where a search looks. */
final class SpaceFlags {

    @Option(
            names = "--alphas",
            paramLabel = "X",
            split = ",",
            order = 10,
            converter = Alphas.ToAlphas.class,
            description =
                    "Grid to evaluate, as in 0.1,0.3,1,3 or 0:2:0.25; 0, the aligned model, is added. Default: bracketing,"
                            + " from --start in growing steps, then finer around the maximum.")
    private List<Alphas> alphas = new ArrayList<>();

    @Option(
            names = "--start",
            paramLabel = "X",
            order = 11,
            converter = Converters.ToAlpha.class,
            description = "Where bracketing looks first after alpha 0. Default: the published alpha of --preset, or the"
                    + " alpha that lies 1.2%% of the SFT model's norm away from it; 0.1 if neither is known.")
    private @Nullable Float start;

    @Option(
            names = "--max-alpha",
            paramLabel = "X",
            order = 11,
            converter = Converters.ToAlpha.class,
            description = "Largest alpha that bracketing tries. Default: 32.")
    private @Nullable Float maxAlpha;

    @Option(
            names = "--max-evaluations",
            paramLabel = "N",
            order = 12,
            description = "Most alphas that bracketing evaluates. Default: 16.")
    private @Nullable Integer maxEvaluations;

    @Option(
            names = "--negative",
            order = 13,
            description = "Let bracketing look below 0, too, down to -1, which is the SFT model.")
    private boolean negative;

    @Option(
            names = "--holdout",
            order = 14,
            description = "Choose on the first, third, ... prompt and report on the others, which had no part in it.")
    private boolean holdout;

    /** Refuses what only a search by scores can do, and what is for bracketing where there is a grid. */
    void check(ScoreFlags.Kind kind) {
        if (!alphas.isEmpty() && (start != null || maxAlpha != null || maxEvaluations != null || negative)) {
            throw new IllegalArgumentException(
                    "--alphas is the whole grid: --start, --max-alpha, --max-evaluations and --negative are for"
                            + " bracketing, without it");
        }
        if (negative && kind == ScoreFlags.Kind.NONE) {
            throw new IllegalArgumentException(
                    "--negative needs something that scores: --judge, --reward-model or" + " --preferences");
        }
    }

    /**
     * The options.
     *
     * @param published alpha that joins the grid, if there is one
     * @param suggested where bracketing starts, if anything is known of it and it is within what may be tried
     */
    SearchOptions options(List<GuardBound> bounds, Optional<Float> published, Optional<Float> suggested) {
        List<Float> grid = new ArrayList<>(Alphas.of(alphas));
        published.filter(alpha -> !grid.isEmpty() && !grid.contains(alpha)).ifPresent(grid::add);
        float most = maxAlpha == null ? SearchOptions.DEFAULT_MAX_ALPHA : maxAlpha;
        SearchOptions.Builder options = SearchOptions.builder()
                .alphas(grid)
                .bounds(bounds)
                .maxEvaluations(maxEvaluations == null ? SearchOptions.DEFAULT_MAX_EVALUATIONS : maxEvaluations)
                .maxAlpha(most)
                .negative(negative)
                .holdout(holdout);
        if (start != null) {
            return options.start(start).build();
        }
        suggested.filter(alpha -> alpha > 0 && alpha <= most).ifPresent(options::start);
        return options.build();
    }
}
