package io.github.expogguf.plan.match;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Looks for expressions in names, as long as that takes a fraction of a second altogether. Both may come from a
 * stranger's file.
 */
final class PatternBudget {

    private final String option;
    private final Map<String, NameExpression> expressions = new HashMap<>();
    private int statesLeft = 300_000; // four thousand expressions for single tensors have two thirds of them
    private int stepsLeft = 15_000_000; // an ordinary expression and name take a hundred

    /** @param option whose expressions are looked for, for the message */
    PatternBudget(String option) {
        this.option = option;
    }

    /**
     * Whether the expression is found.
     *
     * @throws IllegalArgumentException if that takes too long, or the expression uses what is not supported
     */
    boolean finds(Pattern expression, String name) {
        return expressions
                .computeIfAbsent(expression.flags() + expression.pattern(), _ -> machine(expression))
                .findIn(name, this::step);
    }

    private NameExpression machine(Pattern expression) {
        NameExpression machine = new NameExpression(expression);
        statesLeft -= machine.size();
        if (statesLeft < 0) {
            throw tooExpensive();
        }
        return machine;
    }

    private void step() {
        if (stepsLeft-- <= 0) {
            throw tooExpensive();
        }
    }

    private IllegalArgumentException tooExpensive() {
        return new IllegalArgumentException(
                "the expressions of " + option + " take too long to be looked for in the names of the tensors");
    }
}
