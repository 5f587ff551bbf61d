package io.github.expogguf.infer.jinja.value;

import java.math.BigInteger;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a template are called, and which of them are true. A value is null (none), a Boolean, a Long, a
 * BigInteger beyond a long, a Double, a String, or a {@link PyValue} of this package's own.
 */
public final class Types {

    private Types() {}

    /** The name of its type in Python. */
    public static String name(@Nullable Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Boolean truth -> "bool";
            case Long number -> "int";
            case BigInteger number -> "int";
            case Double number -> "float";
            case String text -> "str";
            case PyValue other -> other.typeName();
            default -> throw new IllegalStateException(value.getClass().getName());
        };
    }

    /** How jinja2 speaks of an object (jinja2.utils, object_type_repr). */
    static String description(@Nullable Object value) {
        return value == null ? "None" : (value instanceof PyValue own ? own.module() : "") + name(value) + " object";
    }

    public static boolean isTrue(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case Markup markup -> !markup.text().isEmpty();
            case Sized sized -> sized.length() != 0;
            default -> true;
        };
    }

    public static boolean hasLength(@Nullable Object value) {
        return value instanceof String || value instanceof Sized;
    }

    /** {@code len(value)}; the length of a text is counted in code points. */
    public static long length(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case String text -> Strings.length(text);
            case Sized sized -> sized.length();
            case null, default -> throw JinjaException.type("object of type '" + name(value) + "' has no len()");
        };
    }

    public static boolean isString(@Nullable Object value) {
        return value instanceof String || value instanceof Markup;
    }

    /** The characters of a value that {@link #isString}. */
    public static String string(@Nullable Object value) {
        return value instanceof Markup markup ? markup.text() : (String) Objects.requireNonNull(value);
    }

    public static boolean isNumber(@Nullable Object value) {
        return isInteger(value) || value instanceof Double;
    }

    /** An int of Python, which a bool is, too. */
    public static boolean isInteger(@Nullable Object value) {
        return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
    }

    public static boolean isIterable(@Nullable Object value) {
        return hasLength(value) || value instanceof PyIterator;
    }
}
