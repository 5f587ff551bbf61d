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
import org.jspecify.annotations.Nullable;

/** The tests of jinja2's default environment (3.1): what may stand behind {@code is}. */
final class Tests {

    private Tests() {}

    /** Adds them; two look for names in the tables. */
    static void addTo(FilterTable tests, FilterTable filters) {
        addTypes(tests);
        addComparisons(tests);
        tests.add("odd", Signature.of("test_odd", "value"), (a, work) -> remainder(a.get(0), 2L, 1L, work));
        tests.add("even", Signature.of("test_even", "value"), (a, work) -> remainder(a.get(0), 2L, 0L, work));
        tests.add(
                "divisibleby",
                Signature.of("test_divisibleby", "value", "num"),
                (a, work) -> remainder(a.get(0), a.get(1), 0L, work));
        tests.add(
                "lower",
                Signature.of("test_lower", "value"),
                (a, work) -> StringMethods.isLower(Text.of(a.get(0), work)));
        tests.add(
                "upper",
                Signature.of("test_upper", "value"),
                (a, work) -> StringMethods.isUpper(Text.of(a.get(0), work)));
        tests.add(
                "filter",
                Signature.of("test_filter", "@", "value"),
                (a, work) -> Key.of(a.get(0), work) instanceof String name && filters.has(name));
        tests.add(
                "test",
                Signature.of("test_test", "@", "value"),
                (a, work) -> Key.of(a.get(0), work) instanceof String name && tests.has(name));
        tests.add(
                "sameas",
                Signature.of("test_sameas", "value", "other"),
                (a, work) -> Comparison.areSame(a.get(0), a.get(1)));
        tests.add(
                "in",
                Signature.of("test_in", "value", "seq"),
                (a, work) -> Comparison.contains(a.get(1), a.get(0), work));
    }

    /** A test of a value alone. */
    @FunctionalInterface
    private interface Check {
        boolean holds(@Nullable Object value) throws JinjaException;
    }

    private static void add(FilterTable tests, String name, Check check) {
        tests.add(name, Signature.of("test_" + name, "value"), (a, work) -> check.holds(a.get(0)));
    }

    private static void addTypes(FilterTable tests) {
        add(tests, "defined", value -> !(value instanceof Undefined));
        add(tests, "undefined", value -> value instanceof Undefined);
        add(tests, "none", value -> value == null);
        add(tests, "boolean", value -> value instanceof Boolean);
        add(tests, "true", Boolean.TRUE::equals);
        add(tests, "false", Boolean.FALSE::equals);
        add(tests, "integer", value -> Types.isInteger(value) && !(value instanceof Boolean));
        add(tests, "float", value -> value instanceof Double);
        add(tests, "number", Types::isNumber);
        add(tests, "string", Types::isString);
        add(tests, "mapping", value -> value instanceof PyDict);
        add(
                tests,
                "sequence",
                value -> Types.isString(value)
                        || value instanceof Sequence
                        || value instanceof PyDict
                        || value instanceof PyRange
                        || value instanceof Undefined);
        add(tests, "iterable", Types::isIterable);
        add(tests, "callable", value -> value instanceof Callable || value instanceof Undefined);
        add(tests, "escaped", value -> value instanceof Markup);
    }

    private static void addComparisons(FilterTable tests) {
        addComparison(tests, "eq", "==", "eq", "equalto");
        addComparison(tests, "ne", "!=", "ne");
        addComparison(tests, "gt", ">", "gt", "greaterthan");
        addComparison(tests, "ge", ">=", "ge");
        addComparison(tests, "lt", "<", "lt", "lessthan");
        addComparison(tests, "le", "<=", "le");
    }

    private static void addComparison(FilterTable tests, String function, String operator, String... names) {
        FilterTable.Free test = (value, positional, named, work) -> {
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
        tests.add(operator, test);
        for (String name : names) {
            tests.add(name, test);
        }
    }

    private static boolean remainder(@Nullable Object value, @Nullable Object by, @Nullable Object expected, Work work)
            throws JinjaException {
        return Comparison.areEqual(Operators.binary("%", value, by, work), expected, work);
    }
}
