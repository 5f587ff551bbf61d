package io.github.expogguf.cli.option;

import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The option to extrapolate what a pair says in place of its weights. */
public final class LogitFlags {

    @Option(
            names = "--logits",
            order = 5,
            description = "Extrapolate the logits of the two models in place of their weights, in whatever types the"
                    + " files have; takes the memory and the time of both.")
    private boolean logits;

    /** Whether logits are extrapolated. */
    public boolean areGiven() {
        return logits;
    }

    /**
     * Makes sure that nothing is asked of weights.
     *
     * @param hasDistance whether an option says a distance
     */
    public void require(
            BaseCommand command, Ingredients<Path> sources, boolean hasDistance, List<PlanOptions> recipes) {
        require(command, "--logits", sources, hasDistance, recipes);
    }

    /** Same, asked for by an option. */
    static void require(
            BaseCommand command,
            String option,
            Ingredients<Path> sources,
            boolean hasDistance,
            List<PlanOptions> recipes) {
        if (hasDistance
                || !arePlain(recipes)
                || !sources.adapters().isEmpty()
                || !sources.deltas().isEmpty()) {
            throw command.usage(option + " computes nothing with weights: beside the two models and alphas it takes no"
                    + " option of the weights, as there are --distance, --max-distance, --adapter, --delta, --rule,"
                    + " --profile, --rank, --recipe and --type");
        }
    }

    /** Whether these say nothing but alphas. */
    static boolean arePlain(List<PlanOptions> recipes) {
        return recipes.stream()
                .allMatch(recipe -> recipe.equals(
                        PlanOptions.builder().alpha(recipe.alpha()).build()));
    }

    /** The same for a command that takes a pair or a model. */
    public void require(BaseCommand command, Optional<PairFlags> given, RuleFlags rules, List<PlanOptions> recipes) {
        PairFlags pair = given.orElseThrow(
                () -> command.usage("--logits takes a pair, --sft and --aligned, in place of a model"));
        require(command, pair.sources(command), pair.distance().isPresent() || rules.hasDistances(), recipes);
    }

    /** Refuses to write a model, of which there is none. */
    static void requireNothingWritten(BaseCommand command, String option, Optional<Path> output) {
        if (output.isPresent()) {
            throw command.usage(option + " makes no model that --write could write: chat, generate and eval have"
                    + " it, too, and 'expo-gguf extrapolate' writes weights at an alpha");
        }
    }

    /** How an alpha that was found is used, as a line to be copied. */
    static String use(float alpha, Path sft, Path aligned) {
        return use(
                "--logits", "--alpha", Numbers.brief(alpha), "--sft", sft.toString(), "--aligned", aligned.toString());
    }

    /** Same, of a pair that steers a model. */
    static String useGuide(float alpha, Path model, Ingredients<Path> pair) {
        String guide = pair.sft().orElseThrow() + "," + pair.aligned() + "," + Numbers.brief(alpha);
        return use("-m", model.toString(), "--guide", guide);
    }

    private static String use(String... words) {
        return "use with: "
                + Printable.message(Stream.concat(Stream.of("expo-gguf", "chat"), Stream.of(words))
                        .map(Escape::shellWord)
                        .collect(Collectors.joining(" ")));
    }

    /** Loads the pair. */
    public LogitPair open(BaseCommand command, PairFlags pair, float alpha, LoadOptions load, WorkOptions how)
            throws IOException {
        return command.checked(
                () -> LogitPair.open(pair.sft(), pair.aligned(), alpha, load, how.listener(), how.cancellation()));
    }
}
