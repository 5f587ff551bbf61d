package io.github.expogguf.convert.rule;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.DoubleBinaryOperator;

/** A number that a rule computes from those of the model. */
@FunctionalInterface
public interface NumberExpression {

    /** 2^53: up to there a double is exact. */
    double MAX_SIZE = 9_007_199_254_740_992.0;

    /** Empty where a number of it is missing. */
    OptionalDouble value(Scope scope);

    /** As a size or an index: empty, too, where it is not a whole number of at least 0. */
    default OptionalLong size(Scope scope) {
        OptionalDouble value = value(scope);
        return value.isPresent()
                        && value.getAsDouble() >= 0
                        && value.getAsDouble() <= MAX_SIZE
                        && value.getAsDouble() == Math.rint(value.getAsDouble())
                ? OptionalLong.of((long) value.getAsDouble())
                : OptionalLong.empty();
    }

    default NumberExpression combine(DoubleBinaryOperator operator, NumberExpression right) {
        return scope -> {
            OptionalDouble one = value(scope);
            OptionalDouble other = right.value(scope);
            return one.isPresent() && other.isPresent()
                    ? OptionalDouble.of(operator.applyAsDouble(one.getAsDouble(), other.getAsDouble()))
                    : OptionalDouble.empty();
        };
    }

    /** The other where this has no value. */
    default NumberExpression or(NumberExpression other) {
        return scope -> {
            OptionalDouble value = value(scope);
            return value.isPresent() ? value : other.value(scope);
        };
    }
}
