package io.github.expogguf.plan.match;

import io.github.expogguf.RuleException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which of some rules decides about a tensor: the first whose expression is found in its name.
 *
 * @param <R> rule
 */
public final class FirstMatch<R> {

    private static final int NONE = -1;
    private final List<R> rules;
    private final Function<R, Pattern> expression;
    private final PatternBudget budget;
    private final Map<String, Integer> known;

    /**
     * @param decides what the rules decide, for messages
     * @param found   what is known already, and where more is added
     */
    public FirstMatch(
            RuleException.Decides decides, List<R> rules, Function<R, Pattern> expression, RuleMatches found) {
        this.rules = rules;
        this.expression = expression;
        this.budget = new PatternBudget(decides);
        this.known = found.of(rules);
    }

    /**
     * The rule; empty if there is none.
     *
     * @throws RuleException if the expressions take too long
     */
    public Optional<R> in(String name) {
        Integer number = known.get(name);
        if (number == null) {
            number = find(name);
            known.put(name, number);
        }
        return number == NONE ? Optional.empty() : Optional.of(rules.get(number));
    }

    private int find(String name) {
        for (int i = 0; i < rules.size(); i++) {
            if (budget.finds(expression.apply(rules.get(i)), name)) {
                return i;
            }
        }
        return NONE;
    }
}
