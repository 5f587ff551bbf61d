package io.github.expogguf.cli.option;

import io.github.expogguf.plan.task.Ingredients;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models and the weight of their difference. */
public final class PairFlags extends TwoModelFlags {

    @Option(
            names = {"-a", "--alpha"},
            paramLabel = "X",
            order = 3,
            converter = Alphas.ToAlphas.class,
            split = ",",
            description = "Weight of the difference; 0 gives the aligned model. Default: 0.3. Where several can be"
                    + " given, 0:2:0.25 is a range with its step.")
    private @Nullable List<Alphas> alphas;

    @Option(
            names = "--distance",
            paramLabel = "X%",
            order = 3,
            converter = Distances.ToDistance.class,
            description = "In the place of --alpha: how far the result lies from the SFT model, as a share of its norm;"
                    + " 1.2%% was good for miniature pairs, for large models the figure is not known.")
    private @Nullable Double distance;

    @Option(
            names = "--adapter",
            paramLabel = "FILE[=WEIGHT]",
            split = ",",
            order = 4,
            converter = SourceConverters.ToAdapter.class,
            description = "LoRA adapter that is added to the aligned model, or to the SFT model where there is no"
                    + " --aligned. May be repeated.")
    private List<Ingredients.Adapter<Path>> adapters = new ArrayList<>();

    @Option(
            names = "--delta",
            paramLabel = "SFT2,ALIGNED2,BETA",
            order = 4,
            converter = SourceConverters.ToDelta.class,
            description = "A further difference, added with its own weight, which may be negative. May be repeated.")
    private List<Ingredients.Delta<Path>> deltas = new ArrayList<>();

    /** The middle of the published alphas. */
    static final float DEFAULT_ALPHA = 0.3f;

    /** All files; an aligned model that is missing is a wrong option. */
    public Ingredients<Path> sources(BaseCommand command) {
        return pair(command, adapters).withDeltas(deltas);
    }

    /** Empty if the command line does not say any; 0 in the place of the one that {@link #distance} will say. */
    public Optional<List<Float>> alphas() {
        if (alphas != null && distance != null) {
            throw new IllegalArgumentException("--alpha and --distance say the same: give one of them");
        }
        return distance == null ? Optional.ofNullable(alphas).map(Alphas::of) : Optional.of(List.of(0f));
    }

    /** Of the result from the SFT model, in the place of an alpha. */
    OptionalDouble distance() {
        return distance == null ? OptionalDouble.empty() : OptionalDouble.of(distance);
    }
}
