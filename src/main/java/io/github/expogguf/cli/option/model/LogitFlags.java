package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.option.BaseCommand;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitGuide;
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

    private static final int SHOWN_TOKENS = 3;

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
        require(command, pair.sources(command), hasDistance(pair, rules), recipes);
    }

    private static boolean hasDistance(PairFlags pair, RuleFlags rules) {
        return pair.saysDistance() || pair.maxDistance().isPresent() || rules.hasDistances();
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

    /** Loads the pair, and notes what the two models do not share. */
    public LogitPair open(BaseCommand command, PairFlags pair, float alpha, LoadOptions load, WorkOptions how)
            throws IOException {
        LogitPair opened = command.checked(
                () -> LogitPair.open(pair.sft(), pair.aligned(), alpha, load, how.listener(), how.cancellation()));
        unmatched(opened, pair.sft()).ifPresent(command.console()::note);
        return opened;
    }

    /** What becomes of tokens that the SFT model does not have; empty if it has all. */
    public static Optional<String> unmatched(LogitPair pair, Path sft) {
        return unmatched(
                pair.model(),
                pair.unmatched(),
                "not in " + (sft.endsWith(pair.model().name()) ? sft : sft.getFileName())
                        + ": there the logits stay the aligned model's");
    }

    /** The same where a pair steers a model. */
    static Optional<String> unmatched(LogitGuide guide) {
        return unmatched(
                guide.model(), guide.unmatched(), "not in both models of the guide: there the logits stay the model's");
    }

    private static Optional<String> unmatched(LlamaModel model, List<Integer> tokens, String what) {
        String examples = tokens.stream()
                .limit(SHOWN_TOKENS)
                .map(token -> Escape.quote(model.tokenText(token)))
                .collect(Collectors.joining(", "));
        return tokens.isEmpty()
                ? Optional.empty()
                : Optional.of(Units.count(tokens.size(), "token") + " of " + model.name() + " ("
                        + examples + (tokens.size() > SHOWN_TOKENS ? ", \u2026" : "") + ") "
                        + (tokens.size() == 1 ? "is " : "are ") + what + " at every alpha");
    }
}
