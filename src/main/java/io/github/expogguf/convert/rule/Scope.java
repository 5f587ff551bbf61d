package io.github.expogguf.convert.rule;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the names in an expression stand for.
 *
 * @param numbers   of the model
 * @param variables {@code N} for the block, {@code E} for the expert and the like
 */
public record Scope(NumberSource numbers, Map<String, Long> variables) {

    /** Names that no model has. */
    public Scope {
        variables = Map.copyOf(variables);
    }

    Scope with(String name, long value) {
        Map<String, Long> more = new HashMap<>(variables);
        more.put(name, value);
        return new Scope(numbers, more);
    }

    /** A variable, or a number of the model; of an array the element of the block. */
    OptionalDouble value(String name) {
        Long variable = variables.get(name);
        return variable != null
                ? OptionalDouble.of(variable)
                : numbers.number(name, variables.getOrDefault("N", 0L).intValue());
    }
}
