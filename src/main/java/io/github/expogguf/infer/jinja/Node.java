package io.github.expogguf.infer.jinja;

import java.util.List;
import java.util.Map;

/** A parsed statement of a template. */
sealed interface Node {

    /** Text as it stands. */
    record Text(String text) implements Node {}

    /** {@code {{ value }}}. */
    record Output(Expression value) implements Node {}

    /** {@code {% if %} … {% elif %} … {% else %}}; the condition of an {@code else} is true. */
    record If(List<Branch> branches) implements Node {}

    /** A condition and what it guards. */
    record Branch(Expression condition, List<Node> body) {}

    /** {@code {% for variable in items %}}. */
    record For(String variable, Expression items, List<Node> body) implements Node {}

    /** {@code {% set name = value %}}, or {@code {% set name.member = value %}} with a member of a namespace. */
    record Set(String name, String member, Expression value) implements Node {}

    /** A parsed expression. */
    sealed interface Expression {}

    /** What this package does not know; an error only when a conversation needs it (tools, dates). */
    record Unsupported(String what) implements Expression {}

    /** A string, a number, true, false or none. */
    record Literal(Object value) implements Expression {}

    /** A variable. */
    record Name(String name) implements Expression {}

    /** {@code object.key} or {@code object[key]}. */
    record Member(Expression object, Expression key) implements Expression {}

    /** {@code object[from:to]}; either bound may be null. */
    record Slice(Expression object, Expression from, Expression to) implements Expression {}

    /** {@code object[::-1]}. */
    record Reversed(Expression object) implements Expression {}

    /** {@code not operand}. */
    record Not(Expression operand) implements Expression {}

    /** {@code left operator right}; evaluates the right side of {@code and} and {@code or} on demand. */
    record Binary(String operator, Expression left, Expression right) implements Expression {}

    /** {@code value is test}. */
    record Test(Expression value, String test) implements Expression {}

    /** {@code whenTrue if condition else whenFalse}; the last may be null. */
    record Conditional(Expression condition, Expression whenTrue, Expression whenFalse) implements Expression {}

    /** {@code name(arguments)}. */
    record Call(String name, List<Expression> arguments, Map<String, Expression> named) implements Expression {}

    /** {@code object.name(arguments)}, or {@code object | name(arguments)} with a bar. */
    record Method(Expression object, String name, List<Expression> arguments, boolean filter) implements Expression {}
}
