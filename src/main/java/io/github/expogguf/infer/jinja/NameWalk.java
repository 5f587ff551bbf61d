package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.syntax.Expression;
import io.github.expogguf.infer.jinja.syntax.Node;
import io.github.expogguf.infer.jinja.syntax.Target;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Goes through the names of statements and expressions in the order of the source. */
abstract class NameWalk {

    abstract void load(String name);

    void store(String name) {}

    /** Whether to go into {@code {% block %}}. */
    boolean intoBlocks() {
        return true;
    }

    /**
     * Which of these names a body reads before it sets them (jinja2.compiler, find_undeclared). A macro that reads
     * {@code caller}, say, takes that as a parameter.
     */
    static Set<String> undeclared(List<Node> body, Set<String> names) {
        Set<String> candidates = new HashSet<>(names);
        Set<String> found = new HashSet<>();
        new NameWalk() {
            @Override
            void load(String name) {
                if (candidates.contains(name)) {
                    found.add(name);
                }
            }

            @Override
            void store(String name) {
                candidates.remove(name);
            }

            @Override
            boolean intoBlocks() {
                return false;
            }
        }.nodes(body);
        return found;
    }

    void nodes(List<Node> nodes) {
        nodes.forEach(this::node);
    }

    void node(Node node) {
        switch (node) {
            case Node.Data data -> {}
            case Node.Break end -> {}
            case Node.Continue end -> {}
            case Node.Output output -> expression(output.value());
            case Node.If choice -> {
                choice.branches().forEach(branch -> {
                    expression(branch.condition());
                    nodes(branch.body());
                });
                nodes(choice.otherwise());
            }
            case Node.For loop -> {
                target(loop.target());
                expression(loop.items());
                nodes(loop.body());
                nodes(loop.otherwise());
                expression(loop.condition());
            }
            case Node.Set set -> {
                target(set.target());
                expression(set.value());
            }
            case Node.SetBlock set -> {
                target(set.target());
                expression(set.filter());
                nodes(set.body());
            }
            case Node.MacroOf macro -> {
                parameters(macro.parameters());
                nodes(macro.body());
            }
            case Node.CallBlock call -> {
                expression(call.call());
                parameters(call.parameters());
                nodes(call.body());
            }
            case Node.Generation generation -> nodes(generation.body());
            case Node.FilterBlock block -> {
                nodes(block.body());
                expression(block.filter());
            }
            case Node.With with -> {
                with.targets().forEach(this::target);
                with.values().forEach(this::expression);
                nodes(with.body());
            }
            case Node.Scope scope -> nodes(scope.body());
            case Node.Block block -> {
                if (intoBlocks()) {
                    nodes(block.body());
                }
            }
            case Node.OtherTemplate other -> other.expressions().forEach(this::expression);
        }
    }

    private void parameters(Node.Parameters parameters) {
        parameters.names().forEach(this::store);
        parameters.defaults().forEach(this::expression);
    }

    void target(Target target) {
        switch (target) {
            case Target.Variable variable -> store(variable.name());
            case Target.Several several -> several.targets().forEach(this::target);
            case Target.MemberOf member -> {}
        }
    }

    /** The names of an expression, which may be null. */
    void expression(@Nullable Expression expression) {
        switch (expression) {
            case null -> {}
            case Expression.Literal literal -> {}
            case Expression.Name name -> load(name.name());
            case Expression.TupleOf tuple -> tuple.items().forEach(this::expression);
            case Expression.ListOf list -> list.items().forEach(this::expression);
            case Expression.DictOf dict ->
                dict.pairs().forEach(pair -> {
                    expression(pair.key());
                    expression(pair.value());
                });
            case Expression.Conditional conditional -> {
                expression(conditional.condition());
                expression(conditional.then());
                expression(conditional.otherwise());
            }
            case Expression.And and -> and.operands().forEach(this::expression);
            case Expression.Or or -> or.operands().forEach(this::expression);
            case Expression.Not not -> expression(not.operand());
            case Expression.Compare compare -> {
                expression(compare.first());
                compare.operations().forEach(operation -> expression(operation.operand()));
            }
            case Expression.Arithmetic arithmetic -> {
                expression(arithmetic.first());
                arithmetic.operations().forEach(operation -> expression(operation.operand()));
            }
            case Expression.Sign sign -> expression(sign.operand());
            case Expression.Concat concat -> concat.parts().forEach(this::expression);
            case Expression.Member member -> expression(member.object());
            case Expression.Item item -> {
                expression(item.object());
                expression(item.key());
            }
            case Expression.Slice slice -> {
                expression(slice.object());
                expression(slice.from());
                expression(slice.to());
                expression(slice.by());
            }
            case Expression.Call call -> {
                expression(call.callee());
                arguments(call.arguments());
            }
            case Expression.Filter filter -> {
                expression(filter.value());
                arguments(filter.arguments());
            }
            case Expression.Test test -> {
                expression(test.value());
                arguments(test.arguments());
            }
        }
    }

    void arguments(Expression.Arguments arguments) {
        arguments.positional().forEach(this::expression);
        arguments.named().forEach(keyword -> expression(keyword.value()));
        expression(arguments.more());
        expression(arguments.moreNamed());
    }
}
