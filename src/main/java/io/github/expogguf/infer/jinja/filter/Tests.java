package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.Operators;
import io.github.expogguf.infer.jinja.method.StringMethods;
import io.github.expogguf.infer.jinja.value.Callable;
import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Key;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyRange;
import io.github.expogguf.infer.jinja.value.Sequence;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The tests of jinja2's default environment (3.1): what may stand behind {@code is}. */
public final class Tests {

    private static final Map<String, Filters.Free> TESTS = new HashMap<>();

    static {
        addTypes();
        addComparisons();
        add("odd", Signature.of("test_odd", "value"), (a, work) -> remainder(a.get(0), 2L, 1L, work));
        add("even", Signature.of("test_even", "value"), (a, work) -> remainder(a.get(0), 2L, 0L, work));
        add(
                "divisibleby",
                Signature.of("test_divisibleby", "value", "num"),
                (a, work) -> remainder(a.get(0), a.get(1), 0L, work));
        add("lower", Signature.of("test_lower", "value"), (a, work) -> StringMethods.isLower(Text.of(a.get(0), work)));
        add("upper", Signature.of("test_upper", "value"), (a, work) -> StringMethods.isUpper(Text.of(a.get(0), work)));
        add(
                "filter",
                Signature.of("test_filter", "@", "value"),
                (a, work) -> Key.of(a.get(0), work) instanceof String name && Filters.isFilter(name));
        add(
                "test",
                Signature.of("test_test", "@", "value"),
                (a, work) -> Key.of(a.get(0), work) instanceof String name && isTest(name));
        add(
                "sameas",
                Signature.of("test_sameas", "value", "other"),
                (a, work) -> Comparison.areSame(a.get(0), a.get(1)));
        add("in", Signature.of("test_in", "value", "seq"), (a, work) -> Comparison.contains(a.get(1), a.get(0), work));
    }

    private Tests() {}

    private static void add(String name, Signature signature, Filters.Body body) {
        Filters.add(TESTS, name, signature, body);
    }

    /** A test of a value alone. */
    @FunctionalInterface
    private interface Check {
        boolean holds(@Nullable Object value) throws JinjaException;
    }

    private static void add(String name, Check check) {
        add(name, Signature.of("test_" + name, "value"), (a, work) -> check.holds(a.get(0)));
    }

    private static void addTypes() {
        add("defined", value -> !(value instanceof Undefined));
        add("undefined", value -> value instanceof Undefined);
        add("none", value -> value == null);
        add("boolean", value -> value instanceof Boolean);
        add("true", Boolean.TRUE::equals);
        add("false", Boolean.FALSE::equals);
        add("integer", value -> Types.isInteger(value) && !(value instanceof Boolean));
        add("float", value -> value instanceof Double);
        add("number", Types::isNumber);
        add("string", Types::isString);
        add("mapping", value -> value instanceof PyDict);
        add(
                "sequence",
                value -> Types.isString(value)
                        || value instanceof Sequence
                        || value instanceof PyDict
                        || value instanceof PyRange
                        || value instanceof Undefined);
        add("iterable", Types::isIterable);
        add("callable", value -> value instanceof Callable || value instanceof Undefined);
        add("escaped", value -> value instanceof Markup);
    }

    private static void addComparisons() {
        addComparison("eq", "==", "eq", "equalto");
        addComparison("ne", "!=", "ne");
        addComparison("gt", ">", "gt", "greaterthan");
        addComparison("ge", ">=", "ge");
        addComparison("lt", "<", "lt", "lessthan");
        addComparison("le", "<=", "le");
    }

    private static void addComparison(String function, String operator, String... names) {
        Filters.Free test = (value, positional, named, work) -> {
            if (!named.isEmpty()) {
                throw JinjaException.type("_operator." + function + "() takes no keyword arguments");
            }
            if (positional.size() != 1) {
                throw JinjaException.type(function + " expected 2 arguments, got " + (positional.size() + 1));
            }
            Object other = positional.getFirst();
            return switch (operator) {
                case "==" -> Comparison.areEqual(value, other, work);
                case "!=" -> !Comparison.areEqual(value, other, work);
                default -> Comparison.order(operator, value, other, work);
            };
        };
        TESTS.put(operator, test);
        for (String name : names) {
            TESTS.put(name, test);
        }
    }

    private static boolean remainder(@Nullable Object value, @Nullable Object by, @Nullable Object expected, Work work)
            throws JinjaException {
        return Comparison.areEqual(Operators.binary("%", value, by, work), expected, work);
    }

    public static boolean isTest(String name) {
        return TESTS.containsKey(name);
    }

    public static boolean apply(
            String name,
            @Nullable Object value,
            List<@Nullable Object> positional,
            Map<String, @Nullable Object> named,
            Work work)
            throws JinjaException {
        if (Types.isString(value)) {
            work.charge(Types.string(value).length());
        }
        return Types.isTrue(
                Objects.requireNonNull(TESTS.get(name)).apply(value, new ArrayList<>(positional), named, work));
    }
}
