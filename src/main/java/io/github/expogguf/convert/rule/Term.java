package io.github.expogguf.convert.rule;

import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.convert.gather.ValueFunction;
import io.github.expogguf.convert.gather.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * One source of a rule.
 *
 * @param source     its name, without the prefix of the model
 * @param operations on a view of it, in order
 * @param functions  of each value, in order; their numbers may depend on the model
 */
record Term(NamePattern source, List<Operation> operations, List<ScopedFunction> functions) {

    /** Empty where a number of it is missing. */
    @FunctionalInterface
    interface ScopedFunction {

        Optional<ValueFunction> of(Scope scope);

        static ScopedFunction of(ValueFunction.Kind kind, NumberExpression number) {
            return scope -> {
                OptionalDouble value = number.value(scope);
                return value.isPresent()
                        ? Optional.of(new ValueFunction(kind, (float) value.getAsDouble()))
                        : Optional.empty();
            };
        }
    }

    /** Empty where the source is missing or not of a shape for this rule. */
    Optional<Part> bind(String prefix, Function<String, Optional<long[]>> shapeOf, Scope scope) {
        Optional<String> name = source.fill(scope).map(prefix::concat);
        Optional<View> view = name.flatMap(shapeOf).flatMap(shape -> view(shape, scope));
        if (view.isEmpty()) {
            return Optional.empty();
        }
        List<ValueFunction> bound = new ArrayList<>();
        for (ScopedFunction function : functions) {
            Optional<ValueFunction> value = function.of(scope);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            bound.add(value.get());
        }
        return Optional.of(new Part(name.orElseThrow(), view.get(), bound));
    }

    private Optional<View> view(long[] shape, Scope scope) {
        try {
            Optional<View> view = Optional.of(View.of(shape));
            for (Operation operation : operations) {
                view = view.flatMap(elements -> operation.apply(elements, scope));
            }
            return view;
        } catch (IllegalArgumentException | ArithmeticException e) { // too few axes or elements: not of this rule
            return Optional.empty();
        }
    }
}
