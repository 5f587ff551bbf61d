package io.github.expogguf.cli.report;

import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Similar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the user of a pair should hear before the work begins. */
public final class PlanNotes {

    private PlanNotes() {}

    /** Every note once, however many plans it holds for. */
    static List<String> of(List<Plan> plans) {
        return plans.stream().flatMap(plan -> of(plan).stream()).distinct().toList();
    }

    /** Prints what {@link #of(List)} has, and what an imatrix makes worse. */
    public static void print(Console console, List<Plan> plans) {
        of(plans).forEach(console::note);
        plans.stream()
                .flatMap(plan -> ImportanceNotes.warnings(plan).stream())
                .distinct()
                .forEach(console::warning);
    }

    /** What the plans say of the models, once. */
    static List<String> ofModels(List<Plan> plans) {
        return plans.stream()
                .flatMap(plan -> plan.notes().stream())
                .distinct()
                .map(Printable::line)
                .toList();
    }

    /** Rules that were meant for something and have no effect. */
    static List<String> ofRules(Plan plan) {
        return plan.idleRules().stream()
                .map(rule -> "no tensor gets its alpha from the rule " + Escape.quote(rule.text())
                        + ": no name matches it, or rules before it match first")
                .toList();
    }

    /** For what compares a pair with itself at alpha 0. */
    public static Optional<String> ofReference(PlanOptions options) {
        return options.alphaRules().stream().anyMatch(rule -> rule.alpha().holdsAtAlphaZero())
                ? Optional.of(
                        "rules with an alpha of their own hold at alpha 0, too: what is called the aligned model here"
                                + " is the aligned model with these")
                : Optional.empty();
    }

    private static List<String> of(Plan plan) {
        List<String> notes = new ArrayList<>(ofModels(List.of(plan)));
        notes.addAll(ofRules(plan));
        notes.addAll(ImportanceNotes.of(plan));
        notes.addAll(RoundingNotes.of(plan));
        notes.addAll(ofOverrides(plan));
        ofNegative(plan).ifPresent(notes::add);
        return notes;
    }

    /** Keys that are added and look like others that there are. */
    private static List<String> ofOverrides(Plan plan) {
        Set<String> keys = plan.aligned().metadata().keys();
        return plan.options().overrides().stream()
                .map(KeyValueOverride::key)
                .filter(key -> !keys.contains(key) && !Similar.hint(key, keys).isEmpty())
                .map(key -> "--override-kv adds a key that the model has not, " + Escape.text(key)
                        + Similar.hint(key, keys))
                .toList();
    }

    private static Optional<String> ofNegative(Plan plan) {
        float alpha = plan.options().alpha();
        if (plan.options().toStep().isPresent()) {
            return Optional.empty(); // the step is not that of a pair
        }
        String exception = plan.options().alphaRules().isEmpty() ? "" : ", but for tensors with a rule of their own";
        String added = hasDeltas(plan) ? ", further deltas aside" : "";
        if (alpha < -1) {
            return Optional.of(
                    "alpha " + Numbers.brief(alpha) + " goes beyond the SFT model, away from the aligned one;"
                            + " between 0 and -1 it would interpolate");
        }
        if (plan.options().rank() > 0 && alpha < 0) {
            return Optional.of("alpha " + Numbers.brief(alpha) + " takes the part of rank "
                    + plan.options().rank() + " of each delta back" + added + exception);
        }
        if (alpha == -1) {
            return Optional.of("alpha -1 gives the SFT model" + added + exception);
        }
        return alpha < 0
                ? Optional.of("alpha " + Numbers.brief(alpha) + " interpolates: the result lies "
                        + Numbers.exactPercent(-alpha) + " of the way back from the aligned to the SFT model" + added
                        + exception)
                : Optional.empty();
    }

    private static boolean hasDeltas(Plan plan) {
        return Recipe.read(plan.metadata())
                .filter(recipe -> !recipe.models().deltas().isEmpty())
                .isPresent();
    }
}
