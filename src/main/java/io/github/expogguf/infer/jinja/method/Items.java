package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyRange;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Sequence;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code object[key]} and {@code object[from:to:by]} of Python itself. */
public final class Items {

    private Items() {}

    /** {@code object[key]}. */
    static @Nullable Object item(@Nullable Object object, @Nullable Object key, Work work) throws JinjaException {
        return switch (object) {
            case PyDict dict -> {
                PyDict.Entry entry = dict.get(key, work);
                if (entry == null) {
                    throw JinjaException.lookup("KeyError: " + Repr.of(key, work));
                }
                yield entry.value();
            }
            case Sequence sequence ->
                sequence.items().get((int) place(key, sequence.items().size(), Types.name(object)));
            case String text -> character(text, key, work);
            case Markup markup -> new Markup(character(markup.text(), key, work));
            case PyRange range -> range.get(place(key, range.length(), "range object"));
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw JinjaException.type("'" + Types.name(object) + "' object is not subscriptable");
        };
    }

    private static String character(String text, @Nullable Object key, Work work) throws JinjaException {
        work.charge(text.length() / 8);
        return Strings.at(text, place(key, Strings.length(text), "string"));
    }

    private static long place(@Nullable Object key, long length, String what) throws JinjaException {
        if (!Types.isInteger(key)) {
            String name = what.equals("range object") ? "range" : what;
            throw JinjaException.type(name + " indices must be integers" + (what.equals("string") ? "" : " or slices")
                    + ", not " + (what.equals("string") ? "'" + Types.name(key) + "'" : Types.name(key)));
        }
        long index = key instanceof java.math.BigInteger ? Long.MAX_VALUE : PyNumbers.small(key);
        long from = index < 0 ? length + index : index;
        if (from < 0 || from >= length) {
            throw JinjaException.lookup(what + " index out of range");
        }
        return from;
    }

    /** A slice; a bound or step that is not given is null. */
    public static @Nullable Object slice(
            @Nullable Object object, @Nullable Object from, @Nullable Object to, @Nullable Object by, Work work)
            throws JinjaException {
        if (object instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (object instanceof PyDict) {
            throw JinjaException.type("unhashable type: 'slice'");
        }
        boolean sliceable = Types.isString(object) || object instanceof Sequence || object instanceof PyRange;
        if (!sliceable) {
            throw JinjaException.type("'" + Types.name(object) + "' object is not subscriptable");
        }
        long step = by == null ? 1 : bound(by);
        if (step == 0) {
            throw JinjaException.value("slice step cannot be zero");
        }
        if (Types.isString(object)) {
            work.charge(Types.string(object).length() / 8);
        }
        long length = Types.length(object);
        long start = place(from, step > 0 ? 0 : length - 1, length, step);
        long end = place(to, step > 0 ? length : -1, length, step);
        long count = new PyRange(start, end, step).length();
        return switch (Objects.requireNonNull(object)) {
            case String text -> slice(text, start, count, step, work);
            case Markup markup -> new Markup(slice(markup.text(), start, count, step, work));
            case PyList list -> new PyList(slice(list.items(), start, count, step, work));
            case PyTuple tuple -> new PyTuple(slice(tuple.items(), start, count, step, work));
            case Object range -> ((PyRange) range).slice(start, end, step);
        };
    }

    private static long bound(@Nullable Object value) throws JinjaException {
        if (value instanceof Undefined || !Types.isInteger(value)) {
            throw JinjaException.type("slice indices must be integers or None or have an __index__ method");
        }
        return value instanceof java.math.BigInteger big
                ? big.signum() * (long) Integer.MAX_VALUE
                : Math.clamp(PyNumbers.small(value), -Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    private static long place(@Nullable Object value, long otherwise, long length, long step) throws JinjaException {
        if (value == null) {
            return otherwise;
        }
        long index = bound(value);
        long least = step > 0 ? 0 : -1;
        return Math.clamp(index < 0 ? index + length : index, least, step > 0 ? length : length - 1);
    }

    private static String slice(String text, long start, long count, long step, Work work) throws JinjaException {
        if (step == 1) {
            work.charge(count);
            return count == 0 ? "" : Strings.slice(text, start, start + count);
        }
        work.charge(4L * text.length());
        int[] characters = text.codePoints().toArray();
        StringBuilder result = new StringBuilder();
        for (long i = 0; i < count; i++) {
            result.appendCodePoint(characters[(int) (start + i * step)]);
        }
        return result.toString();
    }

    private static List<@Nullable Object> slice(
            List<@Nullable Object> items, long start, long count, long step, Work work) throws JinjaException {
        work.chargeObjects(count);
        List<@Nullable Object> result = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            result.add(items.get((int) (start + i * step)));
        }
        return result;
    }
}
