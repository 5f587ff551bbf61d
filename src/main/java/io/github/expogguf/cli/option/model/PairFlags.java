package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.cli.option.value.Limit;
import io.github.expogguf.cli.option.value.SourceConverters;
import io.github.expogguf.cli.option.value.Steps;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.report.Refusals;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Numbers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The two models and the weight of their difference, or the checkpoints of a training run and a step of it. */
public final class PairFlags extends PairFiles {

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
            converter = Distances.ToShares.class,
            split = ",",
            description = "In the place of --alpha: how far the result lies from the SFT model, as a share of its norm;"
                    + " 1.2%% was good for miniature pairs, for large models the figure is not known. Lists and ranges"
                    + " as for --alpha.")
    private List<Distances.Shares> distances = new ArrayList<>();

    @Option(
            names = "--delta",
            paramLabel = "SFT2,ALIGNED2,BETA",
            order = 4,
            converter = SourceConverters.ToDelta.class,
            description = "A further difference, added with its own weight, which may be negative. May be repeated.")
    private List<Ingredients.Delta<Path>> deltas = new ArrayList<>();

    @Option(
            names = "--steps",
            paramLabel = "FIRST,LAST,TO",
            order = 3,
            converter = Steps.ToSteps.class,
            description = "In the place of --alpha: the steps of training that the SFT model and the aligned model are"
                    + " of, and the step to extrapolate to.")
    private @Nullable Steps steps;

    @Option(
            names = "--max-distance",
            paramLabel = "X%|off",
            order = 3,
            converter = Limit.ToDistance.class,
            description = "Farthest from the SFT model, as a share of its norm. Default: where every model that was"
                    + " tried was lost, 5%%, but for published alphas.")
    private @Nullable Limit maxDistance;

    @Option(
            names = "--checkpoint",
            paramLabel = "STEP=FILE",
            order = 5,
            converter = SourceConverters.ToCheckpoint.class,
            description = "In the place of --sft and --aligned, three times or more, in any order: a checkpoint of a"
                    + " training run, with its step.")
    private List<Ingredients.Checkpoint<Path>> checkpoints = new ArrayList<>();

    @Option(
            names = "--to",
            paramLabel = "STEP",
            order = 5,
            converter = Converters.ToDouble.class,
            description = "With --checkpoint: the step whose model is predicted, on the line that all checkpoints"
                    + " follow (RELEX, arXiv 2605.21468). --alpha then goes a part of the way from the last checkpoint;"
                    + " by default all of it, 1.")
    private @Nullable Double to;

    /** The middle of the published alphas. */
    static final float DEFAULT_ALPHA = 0.3f;

    @Override
    public Ingredients<Path> sources(BaseCommand command) {
        if (checkpoints.isEmpty()) {
            if (to != null) {
                throw command.usage(
                        "--to predicts a step from three checkpoints or more, each a --checkpoint STEP=FILE;"
                                + " of a pair --steps FIRST,LAST,TO says it");
            }
            return pair(command, deltas);
        }
        if (hasFiles()) {
            throw command.usage(
                    "--checkpoint stands in the place of --sft and --aligned, and goes with no --adapter: give one or"
                            + " the other");
        }
        if (saysDistance() || steps != null) {
            throw command.usage("--distance and --steps are of a pair; with --checkpoint, --to says the step");
        }
        if (checkpoints.size() == 2) {
            throw command.usage("two checkpoints are a pair: " + asPair());
        }
        try {
            return Ingredients.checkpoints(checkpoints).withDeltas(deltas);
        } catch (IllegalArgumentException wrong) {
            throw command.usage(Failures.message(wrong));
        }
    }

    private String asPair() {
        List<Ingredients.Checkpoint<Path>> sorted = sorted();
        return "--sft " + sorted.getFirst().model() + " --aligned "
                + sorted.getLast().model() + " --steps "
                + Numbers.brief(sorted.getFirst().step()) + ","
                + Numbers.brief(sorted.getLast().step()) + "," + (to == null ? "TO" : Numbers.brief(to));
    }

    private List<Ingredients.Checkpoint<Path>> sorted() {
        return checkpoints.stream()
                .sorted(Comparator.comparingDouble(Ingredients.Checkpoint::step))
                .toList();
    }

    /** The first checkpoint, where there are some. */
    @Override
    public Path sft() {
        return checkpoints.isEmpty() ? super.sft() : sorted().getFirst().model();
    }

    /** The last checkpoint, where there are some. */
    @Override
    public Path aligned() {
        return checkpoints.isEmpty() ? super.aligned() : sorted().getLast().model();
    }

    /**
     * Empty if the command line does not say any; in the place of those that {@link #distances} will say their numbers,
     * from 0 on.
     */
    public Optional<List<Float>> alphas() {
        if (steps != null && (alphas != null || saysDistance())) {
            throw new IllegalArgumentException("--steps says an alpha, as --alpha and --distance do: give one of them");
        }
        if (alphas != null && saysDistance()) {
            throw new IllegalArgumentException("--alpha and --distance say the same: give one of them");
        }
        if (steps != null) {
            return Optional.of(List.of(steps.alpha()));
        }
        if (to != null && alphas == null) {
            return Optional.of(List.of(1f));
        }
        return saysDistance()
                ? Optional.of(IntStream.range(0, distances().size())
                        .mapToObj(number -> (float) number)
                        .toList())
                : Optional.ofNullable(alphas).map(Alphas::of);
    }

    /** Whether there are checkpoints in the place of a pair. */
    boolean hasCheckpoints() {
        return !checkpoints.isEmpty();
    }

    /** Steps of the checkpoints, in their order; none of a pair. */
    public List<Double> checkpointSteps() {
        return sorted().stream().map(Ingredients.Checkpoint::step).toList();
    }

    /** The step that is predicted from checkpoints. */
    public OptionalDouble to() {
        return to == null ? OptionalDouble.empty() : OptionalDouble.of(to);
    }

    /** What the steps of a pair mean. */
    Optional<String> note() {
        return Optional.ofNullable(steps).map(Steps::note);
    }

    /** Whether the command line says how far the result is to lie from the SFT model. */
    public boolean saysDistance() {
        return !distances.isEmpty();
    }

    /** How far a result may lie from the SFT model, infinity where no distance is too far; empty if nothing says it. */
    public OptionalDouble maxDistance() {
        return maxDistance == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(maxDistance.value().orElse(Double.POSITIVE_INFINITY));
    }

    /** What the command line insists on; {@code inputs} as {@link Refusals.Insisting} has it. */
    public Refusals.Insisting insisting(boolean inputs) {
        return new Refusals.Insisting(inputs, saysDistance(), maxDistance());
    }

    /** Of the results from the SFT model, in the place of alphas; none where there are alphas. */
    List<Double> distances() {
        return distances.stream().flatMap(word -> word.values().stream()).toList();
    }
}
