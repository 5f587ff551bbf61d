package io.github.expogguf.infer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
            case Map<?, ?> map -> isKey(key) && map.containsKey(key) ? map.get(key) : UNDEFINED;
            case List<?> list -> {
                long index = number(key);
                long from = index < 0 ? list.size() + index : index;
                yield from >= 0 && from < list.size() ? list.get((int) from) : UNDEFINED;
            }
            case null, default -> throw JinjaException.unsupported("a member of " + typeName(object));
        };
    }

    /** Mappings may contain themselves, and then have no hash code. */
    private static boolean isKey(Object value) {
        return !(value instanceof Map || value instanceof List);
    }

    static Object slice(Object object, Object from, Object to, Work work) throws JinjaException {
        int size = length(object);
        int start = bound(from, 0, size);
        int end = Math.max(start, bound(to, size, size));
        work.charge(end - start);
        return switch (object) {
            case String text -> text.substring(start, end);
            case List<?> list -> new ArrayList<>(list.subList(start, end)); // no views of views of views
            default -> throw JinjaException.unsupported("a slice of " + typeName(object));
        };
    }

    static Object reversed(Object value, Work work) throws JinjaException {
        work.charge(length(value));
        return switch (value) {
            case String text -> new StringBuilder(text).reverse().toString();
            case List<?> list -> new ArrayList<>(list.reversed());
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

    static boolean contains(Object container, Object item, Work work) throws JinjaException {
        return switch (container) {
            case String text -> {
                work.chargeSearch(text, text(item));
                yield text.contains(text(item));
            }
            case List<?> list -> {
                for (Object member : list) {
                    if (work.areEqual(member, item)) {
                        yield true;
                    }
                }
                yield false;
            }
            case Map<?, ?> map -> isKey(item) && map.containsKey(item);
            case null, default -> throw JinjaException.unsupported("'in' with " + typeName(container));
        };
    }

    static Object binary(String operator, Object left, Object right, Work work) throws JinjaException {
        return switch (operator) {
            case "==" -> work.areEqual(left, right);
            case "!=" -> !work.areEqual(left, right);
            case "in" -> contains(right, left, work);
            case "~" -> joined(text(left), text(right), work);
            case "+" -> sum(left, right, work);
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

    private static String joined(String first, String second, Work work) throws JinjaException {
        work.charge((long) first.length() + second.length());
        return first + second;
    }

    private static Object sum(Object left, Object right, Work work) throws JinjaException {
        if (left instanceof String first && right instanceof String second) {
            return joined(first, second, work);
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
