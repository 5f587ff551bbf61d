package io.github.expogguf.convert.rule;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What the names in an expression stand for: variables, as {@code N} for the block, or numbers of the model. */
public final class Scope {

    /** Variables of which one is set after the other; a new one has the older ones behind it. */
    private record Variable(
            String name, Long value, @Nullable Variable older) {}

    private final NumberSource numbers;
    private final @Nullable Variable newest;

    private Scope(NumberSource numbers, @Nullable Variable newest) {
        this.numbers = numbers;
        this.newest = newest;
    }

    /**
     * A scope with some variables.
     *
     * @param numbers   of the model
     * @param variables by names that no number of a model has
     */
    public static Scope of(NumberSource numbers, Map<String, Long> variables) {
        Scope scope = new Scope(numbers, null);
        for (Map.Entry<String, Long> each : variables.entrySet()) {
            scope = scope.with(each.getKey(), each.getValue());
        }
        return scope;
    }

    NumberSource numbers() {
        return numbers;
    }

    Scope with(String name, long value) {
        return new Scope(numbers, new Variable(name, value, newest));
    }

    /** The newest of the name. */
    Optional<Long> variable(String name) {
        for (Variable each = newest; each != null; each = each.older) {
            if (each.name.equals(name)) {
                return Optional.of(each.value);
            }
        }
        return Optional.empty();
    }

    /** A variable, or a number of the model; of an array the element of the block. */
    OptionalDouble value(String name) {
        Optional<Long> variable = variable(name);
        return variable.isPresent()
                ? OptionalDouble.of(variable.get())
                : numbers.number(name, variable("N").orElse(0L).intValue());
    }
}
