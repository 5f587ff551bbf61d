package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitGuide;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The pair whose alpha is looked for: of weights or logits, or one that steers a model. */
public final class PairOrGuide extends PairFiles {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            order = 4,
            description = "The model that --guide steers, in the place of a pair.")
    private @Nullable Path model;

    @Mixin
    private LogitFlags logits;

    @Mixin
    private GuideFlag guide;

    /** Whether logits are extrapolated, those of the pair or with them those of a model. */
    public boolean isOfLogits() {
        return logits.areGiven() || guide.isGiven();
    }

    /** The option that says so. */
    public String word() {
        return guide.isGiven() ? "--guide" : "--logits";
    }

    /** The model that is steered, if one is. */
    public Optional<Path> steered() {
        return guide.isGiven() ? Optional.ofNullable(model) : Optional.empty();
    }

    /** Makes sure that nothing is asked of weights, of which none are computed, nor a model that could be written. */
    public void requireLogits(
            BaseCommand command,
            Ingredients<Path> all,
            boolean hasDistance,
            PlanOptions recipe,
            Optional<Path> output) {
        LogitFlags.require(command, word(), all, hasDistance, List.of(recipe));
        LogitFlags.requireNothingWritten(command, word(), output);
    }

    /** The files of the pair; a wrong option, if something is missing or too much. */
    @Override
    public Ingredients<Path> sources(BaseCommand command) {
        if (!guide.isGiven()) {
            if (model != null) {
                throw command.usage("-m is for the model that a --guide steers; a pair is --sft and --aligned");
            }
            return super.sources(command);
        }
        if (model == null || hasFiles() || logits.areGiven()) {
            throw command.usage(
                    "--guide steers a model: give that with -m, and no --sft, --aligned, --adapter or" + " --logits");
        }
        if (guide.hasAlphas()) {
            throw command.usage("the alpha of --guide is what is looked for: give SFT2,ALIGNED2 alone");
        }
        return guide.pair();
    }

    /** The model before training, of the pair that {@link #sources} gave. */
    @Override
    public Path sft() {
        return guide.isGiven() ? guide.pair().sft().orElseThrow() : super.sft();
    }

    /** The model that answers at alpha 0 where logits are extrapolated. */
    public Path answering() {
        return steered().orElseGet(this::aligned);
    }

    /**
     * Loads what logits are extrapolated of, at alpha 0.
     *
     * @param notes take what the models do not share
     */
    public ExtrapolatedModel openLogits(LoadOptions load, WorkOptions how, Consumer<String> notes) throws IOException {
        if (guide.isGiven()) {
            Path small = guide.pair().aligned();
            LogitGuide steered = LogitGuide.open(
                    Objects.requireNonNull(model), sft(), small, 0, load, how.listener(), how.cancellation());
            LogitFlags.unmatched(steered).ifPresent(notes);
            return steered;
        }
        LogitPair pair = LogitPair.open(sft(), answering(), 0, load, how.listener(), how.cancellation());
        LogitFlags.unmatched(pair, sft()).ifPresent(notes);
        return pair;
    }

    /** How an alpha that was found is used, as a line to be copied. */
    public String use(float alpha) {
        return guide.isGiven()
                ? LogitFlags.useGuide(alpha, Objects.requireNonNull(model), guide.pair())
                : LogitFlags.use(alpha, sft(), answering());
    }
}
