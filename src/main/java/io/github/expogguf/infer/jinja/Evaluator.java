package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.Node.Expression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Evaluates a parsed template, within bounds of steps and of {@link Work}. */
final class Evaluator {

    private static final int MAX_STEPS = 1 << 18;

    private final Map<String, Object> variables;
    private final Work work;
    private final StringBuilder output = new StringBuilder();
    private int steps;

    Evaluator(Map<String, Object> variables) {
        this.variables = variables;
        this.work = Work.on(variables);
    }

    String run(List<Node> nodes) throws JinjaException {
        evaluate(nodes, new Scope(null, new HashMap<>(variables)));
        return output.toString();
    }

    /** Variables of the template or of one turn of a loop. */
    private record Scope(Scope outer, Map<String, Object> values) {

        Object get(String name) {
            for (Scope scope = this; scope != null; scope = scope.outer) {
                if (scope.values.containsKey(name)) {
                    return scope.values.get(name);
                }
            }
            return Value.UNDEFINED;
        }
    }

    private void evaluate(List<Node> nodes, Scope scope) throws JinjaException {
        for (Node node : nodes) {
            countStep();
            switch (node) {
                case Node.Text text -> write(text.text());
                case Node.Output written -> write(Value.text(value(written.value(), scope)));
                case Node.If choice -> choose(choice, scope);
                case Node.For loop -> loop(loop, scope);
                case Node.Set set -> set(set, scope);
            }
        }
    }

    private void countStep() throws JinjaException {
        if (++steps > MAX_STEPS) {
            throw JinjaException.unsupported("more than " + MAX_STEPS + " steps");
        }
    }

    private void write(String text) throws JinjaException {
        work.charge(text.length());
        output.append(text);
    }

    private void choose(Node.If choice, Scope scope) throws JinjaException {
        for (Node.Branch branch : choice.branches()) {
            if (Value.isTrue(value(branch.condition(), scope))) {
                evaluate(branch.body(), scope);
                return;
            }
        }
    }

    private void loop(Node.For loop, Scope scope) throws JinjaException {
        Object items = value(loop.items(), scope);
        if (items == Value.UNDEFINED) {
            return;
        }
        if (!(items instanceof List<?> list)) {
            throw JinjaException.unsupported("a loop over " + Value.typeName(items));
        }
        for (int i = 0; i < list.size(); i++) {
            countStep();
            Map<String, Object> values = new HashMap<>();
            values.put(loop.variable(), list.get(i));
            values.put("loop", position(i, list));
            evaluate(loop.body(), new Scope(scope, values));
        }
    }

    private static Map<String, Object> position(int index, List<?> list) {
        Map<String, Object> loop = new HashMap<>();
        loop.put("index", index + 1L);
        loop.put("index0", (long) index);
        loop.put("first", index == 0);
        loop.put("last", index == list.size() - 1);
        loop.put("length", (long) list.size());
        loop.put("revindex", (long) list.size() - index);
        loop.put("revindex0", list.size() - index - 1L);
        if (index > 0) {
            loop.put("previtem", list.get(index - 1));
        }
        if (index < list.size() - 1) {
            loop.put("nextitem", list.get(index + 1));
        }
        return loop;
    }

    private void set(Node.Set set, Scope scope) throws JinjaException {
        Object value = value(set.value(), scope);
        if (set.member() == null) {
            scope.values().put(set.name(), value);
        } else if (scope.get(set.name()) instanceof Namespace namespace) {
            namespace.put(set.member(), value);
        } else {
            throw JinjaException.unsupported("setting a member of what is not a namespace");
        }
    }

    /** A mapping that templates may change. */
    private static final class Namespace extends HashMap<String, Object> {
        private static final long serialVersionUID = 1;
    }

    private Object value(Expression expression, Scope scope) throws JinjaException {
        countStep();
        return switch (expression) {
            case Node.Unsupported unsupported -> throw JinjaException.unsupported(unsupported.what());
            case Node.Literal literal -> literal.value();
            case Node.Name name -> scope.get(name.name());
            case Node.Member member -> Value.member(value(member.object(), scope), value(member.key(), scope));
            case Node.Slice slice -> Value.slice(
                    value(slice.object(), scope), optional(slice.from(), scope), optional(slice.to(), scope), work);
            case Node.Reversed reversed -> Value.reversed(value(reversed.object(), scope), work);
            case Node.Not not -> !Value.isTrue(value(not.operand(), scope));
            case Node.Test test -> Value.test(test.test(), value(test.value(), scope));
            case Node.Binary binary -> binary(binary, scope);
            case Node.Conditional conditional -> conditional(conditional, scope);
            case Node.Call call -> call(call, scope);
            case Node.Method method -> method(method, scope);
        };
    }

    private Object optional(Expression expression, Scope scope) throws JinjaException {
        return expression == null ? null : value(expression, scope);
    }

    private Object binary(Node.Binary binary, Scope scope) throws JinjaException {
        Object left = value(binary.left(), scope);
        return switch (binary.operator()) {
            case "and" -> Value.isTrue(left) ? value(binary.right(), scope) : left;
            case "or" -> Value.isTrue(left) ? left : value(binary.right(), scope);
            default -> Value.binary(binary.operator(), left, value(binary.right(), scope), work);
        };
    }

    private Object conditional(Node.Conditional conditional, Scope scope) throws JinjaException {
        if (Value.isTrue(value(conditional.condition(), scope))) {
            return value(conditional.whenTrue(), scope);
        }
        return conditional.whenFalse() == null ? Value.UNDEFINED : value(conditional.whenFalse(), scope);
    }

    private Object call(Node.Call call, Scope scope) throws JinjaException {
        if (call.name().equals("raise_exception") && call.arguments().size() == 1) {
            throw JinjaException.raised(Value.text(value(call.arguments().getFirst(), scope)));
        }
        if (call.name().equals("namespace") && call.arguments().isEmpty()) {
            Namespace namespace = new Namespace();
            for (Map.Entry<String, Expression> entry : call.named().entrySet()) {
                namespace.put(entry.getKey(), value(entry.getValue(), scope));
            }
            return namespace;
        }
        throw JinjaException.unsupported("the function '" + call.name() + "'");
    }

    private Object method(Node.Method method, Scope scope) throws JinjaException {
        Object object = value(method.object(), scope);
        List<Object> arguments = new ArrayList<>();
        for (Expression argument : method.arguments()) {
            arguments.add(value(argument, scope));
        }
        Object result = method.filter()
                ? Builtins.filter(method.name(), object, arguments, work)
                : Builtins.method(method.name(), object, arguments, work);
        if (result == null) {
            String kind = method.filter() ? "filter" : "method";
            throw JinjaException.unsupported(
                    "the " + kind + " '" + method.name() + "' of " + Value.typeName(object));
        }
        return result;
    }
}
