package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.option.value.Alphas;
import io.github.expogguf.cli.option.value.Converters;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitGuide;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option to let a small pair steer a model. */
public final class GuideFlag {

    @Option(
            names = "--guide",
            paramLabel = "SFT2,ALIGNED2[,X]",
            order = 5,
            converter = ToGuide.class,
            description = "Let a small pair steer the model: adds X times the difference of the pair's logits to the"
                    + " model's; takes the memory and the time of all three. Default of X, an alpha as that of a pair:"
                    + " 1.")
    private @Nullable Guide guide;

    /** A pair and the weights of its difference, if any are said. */
    record Guide(Path sft, Path aligned, List<Float> alphas) {}

    /** {@code SFT2,ALIGNED2} and alphas. */
    static final class ToGuide implements ITypeConverter<Guide> {
        @Override
        public Guide convert(String text) {
            List<String> parts = Arrays.asList(text.split(",", -1));
            if (parts.size() < 2 || parts.get(0).isEmpty() || parts.get(1).isEmpty()) {
                throw new TypeConversionException(Escape.quote(text)
                        + " is not SFT2,ALIGNED2 with an alpha or without, as in SFT2.gguf,DPO2.gguf,0.5");
            }
            List<Alphas> alphas = parts.subList(2, parts.size()).stream()
                    .map(new Alphas.ToAlphas()::convert)
                    .toList();
            return new Guide(Converters.path(parts.get(0)), Converters.path(parts.get(1)), Alphas.of(alphas));
        }
    }

    /** Whether a model is steered. */
    public boolean isGiven() {
        return guide != null;
    }

    /** Those of the guide; empty without one. */
    public Optional<List<Float>> alphas() {
        return Optional.ofNullable(guide).map(pair -> pair.alphas().isEmpty() ? List.of(1f) : pair.alphas());
    }

    /** Those that the command line says; empty where it says none. */
    public Optional<List<Float>> saidAlphas() {
        return Optional.ofNullable(guide).map(Guide::alphas).filter(alphas -> !alphas.isEmpty());
    }

    /** Whether the command line says any. */
    boolean hasAlphas() {
        return saidAlphas().isPresent();
    }

    /** The small pair. */
    Ingredients<Path> pair() {
        Guide pair = Optional.ofNullable(guide).orElseThrow();
        return Ingredients.pair(pair.sft(), pair.aligned());
    }

    /**
     * Makes sure that a model as it is, is steered.
     *
     * @param hasPair whether a pair is given in place of a model
     */
    public void require(BaseCommand command, boolean hasPair, RuleFlags rules, List<PlanOptions> recipes) {
        if (hasPair || rules.hasDistances() || !LogitFlags.arePlain(recipes)) {
            throw command.usage("--guide steers a model as it is: give that with -m, and no --sft, --aligned, --alpha,"
                    + " --rule, --type or other option of the weights");
        }
        Ingredients<Path> small = pair();
        PairFiles.requireTwo(small.sft().orElseThrow(), small.aligned());
    }

    /** What is asked, for reports, by name: the three files, and how they are combined. */
    public Map<String, String> inputs(Path model) throws IOException {
        Map<String, String> inputs = RunInputs.ofModels(pair());
        inputs.putAll(RunInputs.ofLogits(Optional.of(model)));
        return inputs;
    }

    /** Loads the three models. */
    public LogitGuide open(BaseCommand command, Path model, float alpha, LoadOptions load, WorkOptions how)
            throws IOException {
        Guide pair = Optional.ofNullable(guide).orElseThrow();
        LogitGuide opened = command.checked(() ->
                LogitGuide.open(model, pair.sft(), pair.aligned(), alpha, load, how.listener(), how.cancellation()));
        LogitFlags.unmatched(opened).ifPresent(command.console()::note);
        return opened;
    }
}
