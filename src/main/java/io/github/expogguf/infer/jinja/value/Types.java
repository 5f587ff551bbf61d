package io.github.expogguf.infer.jinja.value;

import java.math.BigInteger;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a template are called, and which of them are true. A value is null (none), an {@link Undefined}, a
 * Boolean, a Long, a BigInteger beyond a long, a Double, a String, a {@link Markup}, a {@link Sequence}, a
 * {@link PyDict}, a {@link PyRange}, a {@link DictView}, a {@link PyIterator}, a {@link Namespace} or a
 * {@link Callable}.
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
            case Markup markup -> "Markup";
            case PyList list -> "list";
            case PyTuple tuple -> "tuple";
            case PyDict dict -> "dict";
            case PyRange range -> "range";
            case DictView view -> view.kind().typeName;
            case PyIterator iterator -> iterator.typeName();
            case Undefined undefined -> "Undefined";
            case Namespace namespace -> "Namespace";
            case Cycler cycler -> "Cycler";
            case Callable callable -> callable.typeName();
            default -> throw new IllegalStateException(value.getClass().getName());
        };
    }

    /** How jinja2 speaks of an object (jinja2.utils, object_type_repr). */
    static String description(@Nullable Object value) {
        String module = switch (value) {
            case null -> "";
            case Markup markup -> "markupsafe.";
            case Namespace namespace -> "jinja2.utils.";
            case Cycler cycler -> "jinja2.utils.";
            case Joiner joiner -> "jinja2.utils.";
            case MacroValue macro -> "jinja2.runtime.";
            case Loop loop -> "jinja2.runtime.";
            default -> "";
        };
        return value == null ? "None" : module + name(value) + " object";
    }

    public static boolean isTrue(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case Undefined undefined -> false;
            case String text -> !text.isEmpty();
            case Markup markup -> !markup.text().isEmpty();
            case Object sized when hasLength(sized) -> length(sized) != 0;
            default -> true;
        };
    }

    static boolean hasLength(@Nullable Object value) {
        return switch (value) {
            case String text -> true;
            case Markup markup -> true;
            case Sequence sequence -> true;
            case PyDict dict -> true;
            case PyRange range -> true;
            case DictView view -> true;
            case Undefined undefined -> true;
            case Loop loop -> true;
            case null, default -> false;
        };
    }

    /** {@code len(value)}; the length of a text is counted in code points. */
    public static long length(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case String text -> Strings.length(text);
            case Markup markup -> Strings.length(markup.text());
            case Sequence sequence -> sequence.items().size();
            case PyDict dict -> dict.size();
            case PyRange range -> range.length();
            case DictView view -> view.dict().size();
            case Undefined undefined -> 0;
            case Loop loop -> loop.length();
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

    static boolean isHashable(@Nullable Object value) {
        return !(value instanceof PyList
                || value instanceof PyDict
                || (value instanceof DictView view && view.kind() != DictView.Kind.VALUES));
    }

    public static boolean isIterable(@Nullable Object value) {
        return hasLength(value) || value instanceof PyIterator;
    }
}
