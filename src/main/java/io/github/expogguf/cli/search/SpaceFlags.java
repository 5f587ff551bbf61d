package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.SearchOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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
            description = "Most models that bracketing evaluates. Default: 16, and 16 for each of --try-profile and for"
                    + " --try-gradient, in equal shares.")
    private @Nullable Integer maxEvaluations;

    @Option(
            names = "--try-profile",
            paramLabel = "PROFILE",
            split = ",",
            order = 13,
            converter = ToAlphaProfile.class,
            description =
                    "Search the alpha of these profiles, too: names of --profile, joined by + where their rules go"
                            + " together, as no-norms,depth,no-norms+depth. One alpha for all tensors stays the choice unless"
                            + " one of them is better by more than chance.")
    private List<AlphaProfile> profiles = new ArrayList<>();

    @Option(
            names = "--try-gradient",
            order = 13,
            description = "Search the alpha of the first block and that of the last, too, with a straight line between"
                    + " them: from the best alpha for all tensors on, to both sides of one and the other.")
    private boolean gradient;

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

    /** Profiles whose rules are joined by a plus. */
    static final class ToAlphaProfile implements ITypeConverter<AlphaProfile> {
        @Override
        public AlphaProfile convert(String text) {
            try {
                return AlphaProfile.parse(text);
            } catch (IllegalArgumentException unknown) {
                throw new TypeConversionException(unknown.getMessage());
            }
        }
    }

    /** The option that asks for more than one alpha for all tensors, if there is one. */
    Optional<String> trying() {
        return gradient
                ? Optional.of("--try-gradient")
                : profiles.isEmpty() ? Optional.empty() : Optional.of("--try-profile");
    }

    /** Refuses what only a search by scores can do, and what is for bracketing where there is a grid. */
    void check(ScoreFlags.Kind kind) {
        if (!alphas.isEmpty() && (start != null || maxAlpha != null || maxEvaluations != null || negative)) {
            throw new IllegalArgumentException(
                    "--alphas is the whole grid: --start, --max-alpha, --max-evaluations and --negative are for"
                            + " bracketing, without it");
        }
        if (kind == ScoreFlags.Kind.NONE && trying().isPresent()) {
            throw new IllegalArgumentException(
                    trying().get() + " needs something that scores: --judge, --reward-model or --preferences");
        }
        if (!gradient && !profiles.isEmpty() && profiles.stream().allMatch(AlphaProfile.UNIFORM::equals)) {
            throw new IllegalArgumentException("--try-profile " + AlphaProfile.UNIFORM.name()
                    + " is one alpha for all tensors, which every search looks at: name another, as in"
                    + " --try-profile no-norms,depth");
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
                .maxEvaluations(
                        maxEvaluations == null ? SearchOptions.DEFAULT_MAX_EVALUATIONS * searches() : maxEvaluations)
                .maxAlpha(most)
                .negative(negative)
                .holdout(holdout)
                .profiles(profiles)
                .gradient(gradient);
        if (start != null) {
            return options.start(start).build();
        }
        suggested.filter(alpha -> alpha > 0 && alpha <= most).ifPresent(options::start);
        return options.build();
    }

    private int searches() {
        return 1 + profiles.size() + (gradient ? 1 : 0);
    }
}
