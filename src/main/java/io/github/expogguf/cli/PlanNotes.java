package io.github.expogguf.cli;

import io.github.expogguf.gguf.Escape;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.PlanOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the user of a pair should hear before the work begins. */
final class PlanNotes {

    private PlanNotes() {}

    /** Every note once, however many plans it holds for. */
    static List<String> of(List<Plan> plans) {
        return plans.stream().flatMap(plan -> of(plan).stream()).distinct().toList();
    }

    /** Rules that were meant for something and have no effect. */
    static List<String> ofRules(Plan plan) {
        return plan.idleRules().stream()
                .map(rule -> "no tensor gets its alpha from the rule " + Escape.quote(rule.text())
                        + ": no name matches it, or rules before it match first")
                .toList();
    }

    /** For what compares a pair with itself at alpha 0. */
    static Optional<String> ofReference(PlanOptions options) {
        return options.alphaRules().stream().anyMatch(rule -> rule.alpha().holdsAtAlphaZero())
                ? Optional.of("rules with an alpha of their own hold at alpha 0, too: what is called the aligned model here"
                        + " is the aligned model with these")
                : Optional.empty();
    }

    private static List<String> of(Plan plan) {
        List<String> notes = new ArrayList<>(ofRules(plan));
        float alpha = plan.options().alpha();
        if (alpha < 0) {
            notes.add("alpha " + alpha
                    + " is negative: the result lies on the side of the SFT model, not beyond the aligned one");
        }
        return notes;
    }
}
