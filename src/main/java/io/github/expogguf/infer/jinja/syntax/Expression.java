package io.github.expogguf.infer.jinja.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parsed expression. Lines count from 1. */
public sealed interface Expression {

    /** A string, a number, true, false or none. */
    record Literal(@Nullable Object value) implements Expression {}

    /** A variable. */
    record Name(String name, int line) implements Expression {}

    /** {@code (a, b)}. */
    record TupleOf(List<Expression> items) implements Expression {}

    /** {@code [a, b]}. */
    record ListOf(List<Expression> items) implements Expression {}

    /** {@code {key: value}}. */
    record DictOf(List<Pair> pairs) implements Expression {}

    /** A key and its value. */
    record Pair(Expression key, Expression value) {}

    /** {@code then if condition else otherwise}; the last may be null. */
    record Conditional(
            Expression condition, Expression then, @Nullable Expression otherwise, int line) implements Expression {}

    /** The first operand that is false, or else the last. */
    record And(List<Expression> operands) implements Expression {}

    /** The first operand that is true, or else the last. */
    record Or(List<Expression> operands) implements Expression {}

    /** {@code not operand}. */
    record Not(Expression operand) implements Expression {}

    /** {@code first < second == third}. */
    record Compare(Expression first, List<Operation> operations, int line) implements Expression {}

    /** {@code first + second - third}, from the left to the right. */
    record Arithmetic(Expression first, List<Operation> operations, int line) implements Expression {}

    /** An operator and what stands on its right. */
    record Operation(String operator, Expression operand) {}

    /** {@code -operand}, or {@code +operand}. */
    record Sign(boolean negative, Expression operand, int line) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expression> parts) implements Expression {}

    /** {@code object.name}. */
    record Member(Expression object, String name, int line) implements Expression {}

    /** {@code object[key]}. */
    record Item(Expression object, Expression key, int line) implements Expression {}

    /** {@code object[from:to:by]}; each of the three may be null. */
    record Slice(
            Expression object,
            @Nullable Expression from,
            @Nullable Expression to,
            @Nullable Expression by,
            int line) implements Expression {}

    /** {@code callee(arguments)}. */
    record Call(Expression callee, Arguments arguments, int line) implements Expression {}

    /** {@code value | name(arguments)}; the value is null at the beginning of a filter block. */
    record Filter(@Nullable Expression value, String name, Arguments arguments, int line) implements Expression {}

    /** {@code value is name(arguments)}. */
    record Test(Expression value, String name, Arguments arguments, int line) implements Expression {}

    /** {@code (a, name=b, *more, **moreNamed)}; the last two may be null. */
    record Arguments(
            List<Expression> positional,
            List<Keyword> named,
            @Nullable Expression more,
            @Nullable Expression moreNamed) {

        static final Arguments NONE = new Arguments(List.of(), List.of(), null, null);
    }

    /** {@code name=value}. */
    record Keyword(String name, Expression value) {}
}
