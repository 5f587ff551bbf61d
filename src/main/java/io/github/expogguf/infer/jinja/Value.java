package io.github.expogguf.infer.jinja;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What values mean. A value is null (none), {@link #UNDEFINED}, a String, Long, Boolean, List or Map. */
final class Value {

    /** A variable or member that does not exist: false, and empty when written. */
    static final Object UNDEFINED = new Object();

    private Value() {}

    static boolean isTrue(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Long number -> number != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> false;
        };
    }

    static String text(Object value) throws JinjaException {
        return switch (value) {
            case null -> "None";
            case Boolean truth -> truth ? "True" : "False";
            case Long number -> number.toString();
            case String text -> text;
            case List<?> list -> throw JinjaException.unsupported("writing a list");
            case Map<?, ?> map -> throw JinjaException.unsupported("writing a mapping");
            default -> "";
        };
    }

    static long number(Object value) throws JinjaException {
        if (value instanceof Long number) {
            return number;
        }
        throw JinjaException.unsupported("arithmetic on " + typeName(value));
    }

    static String typeName(Object value) {
        return switch (value) {
            case null -> "none";
            case Boolean truth -> "a boolean";
            case Long number -> "a number";
            case String text -> "a string";
            case List<?> list -> "a list";
            case Map<?, ?> map -> "a mapping";
            default -> "an undefined value";
        };
    }

    static Object member(Object object, Object key) throws JinjaException {
        return switch (object) {
            case Map<?, ?> map -> map.containsKey(key) ? map.get(key) : UNDEFINED;
            case List<?> list -> {
                int index = Math.toIntExact(number(key));
                int from = index < 0 ? list.size() + index : index;
                yield from >= 0 && from < list.size() ? list.get(from) : UNDEFINED;
            }
            case null, default -> throw JinjaException.unsupported("a member of " + typeName(object));
        };
    }

    static Object slice(Object object, Object from, Object to) throws JinjaException {
        int size = length(object);
        int start = bound(from, 0, size);
        int end = Math.max(start, bound(to, size, size));
        return object instanceof String text ? text.substring(start, end) : ((List<?>) object).subList(start, end);
    }

    static Object reversed(Object value) throws JinjaException {
        return switch (value) {
            case String text -> new StringBuilder(text).reverse().toString();
            case List<?> list -> list.reversed();
            case null, default -> throw JinjaException.unsupported("the reverse of " + typeName(value));
        };
    }

    private static int bound(Object value, int otherwise, int size) throws JinjaException {
        if (value == null) {
            return otherwise;
        }
        long index = number(value);
        return Math.clamp(index < 0 ? size + index : index, 0, size);
    }

    static int length(Object value) throws JinjaException {
        return switch (value) {
            case String text -> text.length();
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            case null, default -> throw JinjaException.unsupported("the length of " + typeName(value));
        };
    }

    static boolean contains(Object container, Object item) throws JinjaException {
        return switch (container) {
            case String text -> text.contains(text(item));
            case List<?> list -> list.contains(item);
            case Map<?, ?> map -> map.containsKey(item);
            case null, default -> throw JinjaException.unsupported("'in' with " + typeName(container));
        };
    }

    static Object binary(String operator, Object left, Object right) throws JinjaException {
        return switch (operator) {
            case "==" -> Objects.equals(left, right);
            case "!=" -> !Objects.equals(left, right);
            case "in" -> contains(right, left);
            case "~" -> text(left) + text(right);
            case "+" -> sum(left, right);
            case "-" -> number(left) - number(right);
            case "*" -> number(left) * number(right);
            case "%" -> {
                if (number(right) == 0) {
                    throw JinjaException.unsupported("a division by zero");
                }
                yield Math.floorMod(number(left), number(right));
            }
            case "<" -> number(left) < number(right);
            case ">" -> number(left) > number(right);
            case "<=" -> number(left) <= number(right);
            case ">=" -> number(left) >= number(right);
            default -> throw new IllegalStateException("operator " + operator);
        };
    }

    private static Object sum(Object left, Object right) throws JinjaException {
        if (left instanceof String first && right instanceof String second) {
            return first + second;
        }
        return number(left) + number(right);
    }

    static boolean test(String name, Object value) throws JinjaException {
        return switch (name) {
            case "defined" -> value != UNDEFINED;
            case "undefined" -> value == UNDEFINED;
            case "none" -> value == null;
            case "string" -> value instanceof String;
            case "number" -> value instanceof Long;
            case "boolean" -> value instanceof Boolean;
            case "mapping" -> value instanceof Map;
            case "sequence", "iterable" -> value instanceof String || value instanceof List || value instanceof Map;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            default -> throw JinjaException.unsupported("the test '" + name + "'");
        };
    }
}
