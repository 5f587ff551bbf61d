package io.github.expogguf.infer.jinja.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parsed statement of a template. Lines count from 1. */
public sealed interface Node {

    /** Text as it stands. */
    record Data(String text) implements Node {}

    /** {@code {{ value }}}. */
    record Output(Expression value, int line) implements Node {}

    /** {@code {% if %} … {% elif %} … {% else %}}. */
    record If(List<Branch> branches, List<Node> otherwise) implements Node {}

    /** A condition and what it guards. */
    record Branch(Expression condition, List<Node> body, int line) {}

    /** {@code {% for target in items if condition recursive %} … {% else %}}; the condition may be null. */
    record For(
            Target target,
            Expression items,
            @Nullable Expression condition,
            boolean recursive,
            List<Node> body,
            List<Node> otherwise,
            int line)
            implements Node {}

    /** {@code {% break %}}. */
    record Break(int line) implements Node {}

    /** {@code {% continue %}}. */
    record Continue(int line) implements Node {}

    /** {@code {% set target = value %}}. */
    record Set(Target target, Expression value, int line) implements Node {}

    /** {@code {% set target | filter %} … {% endset %}}; the filter may be null. */
    record SetBlock(Target target, Expression.@Nullable Filter filter, List<Node> body, int line) implements Node {}

    /** {@code {% macro name(parameters) %}}. */
    record MacroOf(String name, Parameters parameters, List<Node> body, int line) implements Node {}

    /** The names of parameters, and the values of the last of them. */
    record Parameters(List<String> names, List<Expression> defaults) {

        public static final Parameters NONE = new Parameters(List.of(), List.of());
    }

    /** {@code {% call(parameters) call %}}. */
    record CallBlock(Parameters parameters, Expression.Call call, List<Node> body, int line) implements Node {}

    /** {@code {% generation %}}, which marks what a model is trained on: a call block that writes its body. */
    record Generation(List<Node> body, int line) implements Node {}

    /** {@code {% filter name(arguments) %}}. */
    record FilterBlock(Expression.Filter filter, List<Node> body, int line) implements Node {}

    /** {@code {% with target = value %}}. */
    record With(List<Target> targets, List<Expression> values, List<Node> body, int line) implements Node {}

    /** {@code {% autoescape false %}}: variables of its own, nothing else. */
    record Scope(List<Node> body) implements Node {}

    /** {@code {% block name %}}. */
    record Block(String name, boolean scoped, boolean required, List<Node> body, int line) implements Node {}

    /** {@code import}, {@code include}, {@code extends}: there is no other template. */
    record OtherTemplate(String tag, List<Expression> expressions, List<String> names, int line) implements Node {}
}
