package io.github.expogguf.cli.option;

import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How extrapolated weights are rounded. */
public final class RoundingFlags {

    /** What may be asked for. */
    enum Kind {
        AUTO,
        NEAREST,
        STOCHASTIC
    }

    /** Name of a kind. */
    static final class ToKind extends Converters.ToConstant<Kind> {
        ToKind() {
            super(Kind.class);
        }
    }

    @Option(
            names = "--rounding",
            paramLabel = "HOW",
            order = 29,
            converter = ToKind.class,
            completionCandidates = ToKind.class,
            description =
                    "nearest, as llama-quantize does; stochastic: steps below the resolution of a type arrive in the"
                            + " mean instead of not at all; auto: stochastic in tensors that stay BF16 for want of a --type, nearest"
                            + " elsewhere, with weights divided first where a type would make them larger (IQ3_S to IQ3_S and the"
                            + " like). Default: auto.")
    private @Nullable Kind rounding;

    @Option(
            names = "--rounding-seed",
            paramLabel = "N",
            order = 30,
            description = "With --rounding stochastic: another seed gives another of the possible files. Default: 0.")
    private @Nullable Long seed;

    @Mixin
    private RequantizeFlag requantize;

    /** Whether little of alpha is to be written nevertheless. */
    public boolean allowsRequantizing() {
        return requantize.isGiven();
    }

    /**
     * The options with this rounding; as they are where nothing was said.
     *
     * @throws IllegalArgumentException if there is a seed for nothing
     */
    public List<PlanOptions> apply(List<PlanOptions> all) {
        return all.stream()
                .map(options -> {
                    PlanOptions.Builder builder = options.toBuilder();
                    rounding(options).ifPresentOrElse(builder::rounding, builder::roundingByTensor);
                    return builder.build();
                })
                .toList();
    }

    private Optional<Rounding> rounding(PlanOptions options) {
        Optional<Rounding> asked = rounding == null ? options.rounding() : of(rounding, options);
        boolean isStochastic =
                asked.filter(Rounding.Stochastic.class::isInstance).isPresent();
        if (seed != null && !isStochastic) {
            throw new IllegalArgumentException("--rounding-seed is of use with --rounding stochastic only");
        }
        return seed == null ? asked : Optional.of(new Rounding.Stochastic(seed));
    }

    /** A seed that a recipe names stays. */
    private static Optional<Rounding> of(Kind kind, PlanOptions options) {
        return switch (kind) {
            case AUTO -> Optional.empty();
            case NEAREST -> Optional.of(Rounding.NEAREST);
            case STOCHASTIC ->
                options.rounding()
                        .filter(Rounding.Stochastic.class::isInstance)
                        .or(() -> Optional.of(new Rounding.Stochastic(0)));
        };
    }
}
