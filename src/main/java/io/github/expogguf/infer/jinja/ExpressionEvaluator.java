package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.filter.Environment;
import io.github.expogguf.infer.jinja.method.Items;
import io.github.expogguf.infer.jinja.method.Lookup;
import io.github.expogguf.infer.jinja.method.Operators;
import io.github.expogguf.infer.jinja.syntax.Expression;
import io.github.expogguf.infer.jinja.value.Callable;
import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes the values of expressions. */
final class ExpressionEvaluator {

    private static final String CALL = "jinja2.sandbox.SandboxedEnvironment.call() "; // what Python blames

    private final Work work;
    private int line;

    ExpressionEvaluator(Work work) {
        this.work = work;
    }

    /** The line of what was evaluated last. */
    int line() {
        return line;
    }

    void at(int newLine) {
        line = newLine;
    }

    @Nullable
    Object value(Expression expression, Frame frame) throws JinjaException {
        work.step();
        work.enter();
        Object value = evaluate(expression, frame);
        work.leave();
        return value;
    }

    private @Nullable Object evaluate(Expression expression, Frame frame) throws JinjaException {
        return switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Name name -> {
                line = name.line();
                Object value = frame.get(name.name());
                yield value == Context.MISSING ? Undefined.variable(name.name()) : value;
            }
            case Expression.TupleOf tuple -> new PyTuple(values(tuple.items(), frame));
            case Expression.ListOf list -> new PyList(values(list.items(), frame));
            case Expression.DictOf dict -> dict(dict, frame);
            case Expression.Conditional conditional -> conditional(conditional, frame);
            case Expression.And and -> junction(and.operands(), false, frame);
            case Expression.Or or -> junction(or.operands(), true, frame);
            case Expression.Not not -> !Types.isTrue(value(not.operand(), frame));
            case Expression.Compare compare -> compare(compare, frame);
            case Expression.Arithmetic arithmetic -> arithmetic(arithmetic, frame);
            case Expression.Sign sign -> {
                Object operand = value(sign.operand(), frame);
                line = sign.line();
                yield sign.negative() ? Operators.negative(operand) : Operators.positive(operand);
            }
            case Expression.Concat concat -> concat(concat, frame);
            case Expression.Member member -> {
                Object object = value(member.object(), frame);
                line = member.line();
                yield Lookup.memberOrItem(object, member.name(), work);
            }
            case Expression.Item item -> {
                Object object = value(item.object(), frame);
                Object key = value(item.key(), frame);
                line = item.line();
                yield Lookup.itemOrMember(object, key, work);
            }
            case Expression.Slice slice -> slice(slice, frame);
            case Expression.Call call -> call(call, frame, null);
            case Expression.Filter filter -> filtered(filter, null, frame);
            case Expression.Test test -> test(test, frame);
        };
    }

    private List<@Nullable Object> values(List<Expression> expressions, Frame frame) throws JinjaException {
        work.chargeObjects(expressions.size());
        List<@Nullable Object> values = new ArrayList<>();
        for (Expression expression : expressions) {
            values.add(value(expression, frame));
        }
        return values;
    }

    private @Nullable Object optional(@Nullable Expression expression, Frame frame) throws JinjaException {
        return expression == null ? null : value(expression, frame);
    }

    private PyDict dict(Expression.DictOf expression, Frame frame) throws JinjaException {
        work.chargeObjects(2L * expression.pairs().size());
        PyDict dict = new PyDict();
        for (Expression.Pair pair : expression.pairs()) {
            Object key = value(pair.key(), frame);
            dict.put(key, value(pair.value(), frame), work);
        }
        return dict;
    }

    private @Nullable Object conditional(Expression.Conditional conditional, Frame frame) throws JinjaException {
        if (Types.isTrue(value(conditional.condition(), frame))) {
            return value(conditional.then(), frame);
        }
        if (conditional.otherwise() != null) {
            return value(conditional.otherwise(), frame);
        }
        return Undefined.because("the inline if-expression on line " + conditional.line()
                + " evaluated to false and no else section was defined.");
    }

    /** The first operand that is true or false as asked for, or else the last. */
    private @Nullable Object junction(List<Expression> operands, boolean wanted, Frame frame) throws JinjaException {
        for (Expression operand : operands.subList(0, operands.size() - 1)) {
            Object value = value(operand, frame);
            if (Types.isTrue(value) == wanted) {
                return value;
            }
        }
        return value(operands.getLast(), frame);
    }

    private @Nullable Object compare(Expression.Compare compare, Frame frame) throws JinjaException {
        Object left = value(compare.first(), frame);
        for (Expression.Operation operation : compare.operations()) {
            Object right = value(operation.operand(), frame);
            line = compare.line();
            boolean holds = switch (operation.operator()) {
                case "==" -> Comparison.areEqual(left, right, work);
                case "!=" -> !Comparison.areEqual(left, right, work);
                case "in" -> Comparison.contains(right, left, work);
                case "not in" -> !Comparison.contains(right, left, work);
                default -> Comparison.order(operation.operator(), left, right, work);
            };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private @Nullable Object arithmetic(Expression.Arithmetic arithmetic, Frame frame) throws JinjaException {
        Object value = value(arithmetic.first(), frame);
        boolean constant = isConstant(arithmetic.first());
        for (Expression.Operation operation : arithmetic.operations()) {
            Object right = value(operation.operand(), frame);
            line = arithmetic.line();
            boolean wasConstant = constant;
            constant &= isConstant(operation.operand());
            boolean signLast =
                    wasConstant && !constant && operation.operator().equals("**") && PyNumbers.isSigned(value);
            value = signLast
                    ? Operators.negative(Operators.binary("**", Operators.negative(value), right, work))
                    : Operators.binary(operation.operator(), value, right, work);
        }
        return value;
    }

    /**
     * Whether jinja2 (compiler.py, 3.1) computes an expression beforehand. It writes the number without parentheses in
     * front of what is left to compute, so that the minus of {@code -3 ** n} comes last, as in Python's own text.
     */
    private static boolean isConstant(Expression expression) {
        return switch (expression) {
            case Expression.Literal literal -> true;
            case Expression.Sign sign -> isConstant(sign.operand());
            case Expression.Arithmetic inner ->
                isConstant(inner.first())
                        && inner.operations().stream().allMatch(operation -> isConstant(operation.operand()));
            default -> false;
        };
    }

    private String concat(Expression.Concat concat, Frame frame) throws JinjaException {
        List<@Nullable Object> parts = values(concat.parts(), frame);
        StringBuilder result = new StringBuilder();
        for (Object part : parts) {
            String text = Text.of(part, work);
            work.charge(text.length());
            result.append(text);
        }
        return result.toString();
    }

    private @Nullable Object slice(Expression.Slice slice, Frame frame) throws JinjaException {
        Object object = value(slice.object(), frame);
        Object from = optional(slice.from(), frame);
        Object to = optional(slice.to(), frame);
        Object by = optional(slice.by(), frame);
        line = slice.line();
        return Items.slice(object, from, to, by, work);
    }

    /** Positional arguments, and those with names. */
    private record Given(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {}

    private Given given(Expression.Arguments arguments, Frame frame) throws JinjaException {
        List<@Nullable Object> positional = new ArrayList<>(values(arguments.positional(), frame));
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        for (Expression.Keyword keyword : arguments.named()) {
            named.put(keyword.name(), value(keyword.value(), frame));
        }
        if (arguments.more() != null) {
            Object more = value(arguments.more(), frame);
            if (!Types.isIterable(more)) {
                throw JinjaException.type("Value after * must be an iterable, not " + Types.name(more));
            }
            positional.addAll(Iteration.list(more, work));
        }
        if (arguments.moreNamed() != null) {
            addNamed(value(arguments.moreNamed(), frame), named);
        }
        return new Given(positional, named);
    }

    private static void addNamed(@Nullable Object value, Map<String, @Nullable Object> named) throws JinjaException {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (!(value instanceof PyDict dict)) {
            throw JinjaException.type(CALL + "argument after ** must be a mapping, not " + Types.name(value));
        }
        for (PyDict.Entry entry : dict.entries()) {
            if (!Types.isString(entry.key())) {
                throw JinjaException.type("keywords must be strings");
            }
            String name = Types.string(entry.key());
            if (named.containsKey(name)) {
                throw JinjaException.type(CALL + "got multiple values for keyword argument '" + name + "'");
            }
            named.put(name, entry.value());
        }
    }

    /** A call; a call block passes its body as the argument {@code caller}, which is null otherwise. */
    @Nullable
    Object call(Expression.Call call, Frame frame, @Nullable Macro caller) throws JinjaException {
        Object callee = value(call.callee(), frame);
        Given given = given(call.arguments(), frame);
        if (caller != null) {
            given.named().put("caller", caller);
        }
        line = call.line();
        return switch (callee) {
            case Undefined undefined -> throw undefined.error();
            case Callable callable -> callable.call(given.positional(), given.named());
            case null, default -> throw JinjaException.type("'" + Types.name(callee) + "' object is not callable");
        };
    }

    /** A filter; those of a block begin with the text of the block, which is null otherwise. */
    @Nullable
    Object filtered(Expression.Filter filter, @Nullable Object block, Frame frame) throws JinjaException {
        Object value = switch (filter.value()) {
            case null -> block;
            case Expression.Filter inner when block != null -> filtered(inner, block, frame);
            case Expression other -> value(other, frame);
        };
        Given given = given(filter.arguments(), frame);
        line = filter.line();
        if (!Environment.FILTERS.has(filter.name())) {
            throw JinjaException.other("No filter named '" + filter.name() + "' found.");
        }
        return Environment.FILTERS.apply(filter.name(), value, given.positional(), given.named(), work);
    }

    private @Nullable Object test(Expression.Test test, Frame frame) throws JinjaException {
        Object value = value(test.value(), frame);
        Given given = given(test.arguments(), frame);
        line = test.line();
        if (!Environment.TESTS.has(test.name())) {
            throw JinjaException.other("No test named '" + test.name() + "' found.");
        }
        return Types.isTrue(Environment.TESTS.apply(test.name(), value, given.positional(), given.named(), work));
    }
}
