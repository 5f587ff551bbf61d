package io.github.expogguf.cli;

import io.github.expogguf.plan.PlanOptions;
import io.github.expogguf.quant.Rounding;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How extrapolated weights are rounded. */
final class RoundingFlags {

    /** What may be asked for. */
    enum Kind {
        nearest,
        stochastic
    }

    @Option(
            names = "--rounding",
            paramLabel = "HOW",
            order = 29,
            description = "nearest, as llama-quantize does, or stochastic: steps below the resolution of a type arrive in the"
                    + " mean instead of not at all. Default: nearest.")
    private Kind rounding;

    @Option(
            names = "--seed",
            paramLabel = "N",
            order = 30,
            description = "With --rounding stochastic: another seed gives another of the possible files. Default: 0.")
    private Long seed;

    /**
     * The options with this rounding; as they are where nothing was said.
     *
     * @throws IllegalArgumentException if there is a seed for nothing
     */
    List<PlanOptions> apply(List<PlanOptions> all) {
        return all.stream().map(options -> rounding(options).map(options.toBuilder()::rounding)
                .map(PlanOptions.Builder::build).orElse(options)).toList();
    }

    private Optional<Rounding> rounding(PlanOptions options) {
        boolean isStochastic =
                rounding == null ? options.rounding() instanceof Rounding.Stochastic : rounding == Kind.stochastic;
        if (seed != null && !isStochastic) {
            throw new IllegalArgumentException("--seed is of use with --rounding stochastic only");
        }
        if (rounding == null && seed == null) {
            return Optional.empty();
        }
        long given = options.rounding() instanceof Rounding.Stochastic(long earlier) ? earlier : 0;
        return Optional.of(isStochastic ? new Rounding.Stochastic(seed == null ? given : seed) : Rounding.NEAREST);
    }
}
