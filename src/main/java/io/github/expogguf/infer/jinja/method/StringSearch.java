package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code find}, {@code index}, {@code count}, {@code startswith} and their kin, in a part of a text. */
final class StringSearch {

    private final String text;
    private final Work work;

    StringSearch(String text, Work work) {
        this.text = text;
        this.work = work;
    }

    /** A part of the text: its characters, and the code points before it; null if it begins behind the text. */
    private record Part(String text, long start) {}

    private @Nullable Part part(List<@Nullable Object> args) throws JinjaException {
        long length = Strings.length(text);
        long start = bound(args, 1, 0, length);
        long end = Math.min(bound(args, 2, length, length), length);
        if (start > length || start > end) {
            return null;
        }
        return new Part(Strings.slice(text, start, end), start);
    }

    private static long bound(List<@Nullable Object> args, int index, long otherwise, long length)
            throws JinjaException {
        Object value = args.size() > index ? args.get(index) : null;
        if (value == null) {
            return otherwise;
        }
        if (!Types.isInteger(value)) {
            throw JinjaException.type("slice indices must be integers or None or have an __index__ method");
        }
        long place = PyNumbers.small(value);
        return place < 0 ? Math.max(0, place + length) : place;
    }

    @Nullable
    Object search(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named) throws JinjaException {
        if (!named.isEmpty()) {
            throw JinjaException.type("str." + name + "() takes no keyword arguments");
        }
        checkCount(name, args);
        if (!Types.isString(args.getFirst())) {
            throw JinjaException.type("must be str, not " + Types.name(args.getFirst()));
        }
        String pattern = Types.string(args.getFirst());
        work.chargeSearch(text, pattern);
        Part part = part(args);
        if (name.equals("count")) {
            return part == null ? 0L : Strings.count(part.text(), pattern);
        }
        int at = part == null
                ? -1
                : name.startsWith("r")
                        ? part.text().lastIndexOf(pattern)
                        : part.text().indexOf(pattern);
        if (part == null || at < 0) {
            if (name.endsWith("index")) {
                throw JinjaException.value("substring not found");
            }
            return -1L;
        }
        return part.start() + Strings.length(part.text().substring(0, at));
    }

    @Nullable
    Object hasEnd(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named) throws JinjaException {
        if (!named.isEmpty()) {
            throw JinjaException.type("str." + name + "() takes no keyword arguments");
        }
        checkCount(name, args);
        Part part = part(args);
        if (args.getFirst() instanceof PyTuple tuple) {
            for (Object item : tuple.items()) {
                if (!Types.isString(item)) {
                    throw JinjaException.type("tuple for " + name + " must only contain str, not " + Types.name(item));
                }
                if (hasEnd(name, part, Types.string(item))) {
                    return true;
                }
            }
            return false;
        }
        if (!Types.isString(args.getFirst())) {
            throw JinjaException.type(
                    name + " first arg must be str or a tuple of str, not " + Types.name(args.getFirst()));
        }
        return hasEnd(name, part, Types.string(args.getFirst()));
    }

    private boolean hasEnd(String name, @Nullable Part part, String end) throws JinjaException {
        work.charge(end.length());
        return part != null
                && (name.equals("startswith")
                        ? part.text().startsWith(end)
                        : part.text().endsWith(end));
    }

    private static void checkCount(String name, List<@Nullable Object> args) throws JinjaException {
        if (args.isEmpty()) {
            throw JinjaException.type(name + "() takes at least 1 argument (0 given)");
        }
        if (args.size() > 3) {
            throw JinjaException.type(name + "() takes at most 3 arguments (" + args.size() + " given)");
        }
    }
}
