package io.github.expogguf.plan.match;

import io.github.expogguf.RuleException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Looks for expressions in names, as long as that takes a fraction of a second altogether. Both may come from a
 * stranger's file.
 */
final class PatternBudget {

    private final RuleException.Decides decides;
    private final Map<String, NameExpression> expressions = new HashMap<>();
    private int statesLeft = 300_000; // four thousand expressions for single tensors have two thirds of them
    private int stepsLeft = 15_000_000; // an ordinary expression and name take a hundred

    /** @param decides what the rules with the expressions decide, for the message */
    PatternBudget(RuleException.Decides decides) {
        this.decides = decides;
    }

    /**
     * Whether the expression is found.
     *
     * @throws RuleException            if that takes too long
     * @throws IllegalArgumentException if the expression uses what is not supported
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

    private RuleException tooExpensive() {
        return new RuleException(
                decides,
                "the expressions of the rules for " + decides
                        + " take too long to be looked for in the names of the tensors");
    }
}
