package io.github.expogguf.infer.jinja.method;

import io.github.expogguf.infer.jinja.value.Characters;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code split}, {@code rsplit}, {@code splitlines} and {@code partition}. */
public final class Splitting {

    private static final Signature SPLIT = Signature.of("split", "sep?", "maxsplit?");
    private static final Signature RSPLIT = Signature.of("rsplit", "sep?", "maxsplit?");

    private final String text;
    private final Work work;

    public Splitting(String text, Work work) {
        this.text = text;
        this.work = work;
    }

    @Nullable
    Object split(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named) throws JinjaException {
        boolean fromRight = name.equals("rsplit");
        Signature.Bound bound = (fromRight ? RSPLIT : SPLIT).bind(args, named);
        Object separator = bound.get(0, null);
        long max = PyNumbers.index(bound.get(1, -1L));
        long most = max < 0 ? Long.MAX_VALUE : max;
        if (separator == null) {
            return new PyList(fromRight ? wordsFromRight(most) : words(most));
        }
        checkText(separator, "must be str or None, not ");
        String at = Types.string(separator);
        if (at.isEmpty()) {
            throw JinjaException.value("empty separator");
        }
        work.chargeSearch(text, at);
        return new PyList(fromRight ? partsFromRight(at, most) : parts(at, most));
    }

    private static void checkText(@Nullable Object value, String complaint) throws JinjaException {
        if (!Types.isString(value)) {
            throw JinjaException.type(complaint + Types.name(value));
        }
    }

    private void add(List<@Nullable Object> parts, int from, int to) throws JinjaException {
        work.chargeObjects(2);
        parts.add(text.substring(from, to));
    }

    private List<@Nullable Object> parts(String separator, long max) throws JinjaException {
        List<@Nullable Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && parts.size() < max; at = text.indexOf(separator, from)) {
            add(parts, from, at);
            from = at + separator.length();
        }
        add(parts, from, text.length());
        return parts;
    }

    private List<@Nullable Object> partsFromRight(String separator, long max) throws JinjaException {
        List<@Nullable Object> parts = new ArrayList<>();
        int to = text.length();
        while (parts.size() < max && to >= separator.length()) {
            int at = text.lastIndexOf(separator, to - separator.length());
            if (at < 0) {
                break;
            }
            add(parts, at + separator.length(), to);
            to = at;
        }
        add(parts, 0, to);
        return parts.reversed();
    }

    List<@Nullable Object> words(long max) throws JinjaException {
        List<@Nullable Object> words = new ArrayList<>();
        int at = skip(0, true);
        while (at < text.length()) {
            if (words.size() == max) {
                add(words, at, text.length());
                break;
            }
            int end = skip(at, false);
            add(words, at, end);
            at = skip(end, true);
        }
        return words;
    }

    private int skip(int from, boolean spaces) {
        int at = from;
        while (at < text.length() && Characters.isSpace(text.charAt(at)) == spaces) {
            at++;
        }
        return at;
    }

    private List<@Nullable Object> wordsFromRight(long max) throws JinjaException {
        List<@Nullable Object> words = new ArrayList<>();
        int at = skipBack(text.length(), true);
        while (at > 0) {
            if (words.size() == max) {
                add(words, 0, at);
                break;
            }
            int start = skipBack(at, false);
            add(words, start, at);
            at = skipBack(start, true);
        }
        return words.reversed();
    }

    private int skipBack(int from, boolean spaces) {
        int at = from;
        while (at > 0 && Characters.isSpace(text.charAt(at - 1)) == spaces) {
            at--;
        }
        return at;
    }

    public List<@Nullable Object> lines(boolean keepEnds) throws JinjaException {
        List<@Nullable Object> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (!Characters.isLineEnd(text.charAt(i))) {
                continue;
            }
            int next = text.startsWith("\r\n", i) ? i + 2 : i + 1;
            add(lines, from, keepEnds ? next : i);
            from = next;
            i = next - 1;
        }
        if (from < text.length()) {
            add(lines, from, text.length());
        }
        return lines;
    }

    @Nullable
    Object partition(String name, List<@Nullable Object> args, Map<String, @Nullable Object> named)
            throws JinjaException {
        Arity.one("str", name, args, named);
        checkText(args.getFirst(), "must be str, not ");
        String separator = Types.string(args.getFirst());
        if (separator.isEmpty()) {
            throw JinjaException.value("empty separator");
        }
        work.chargeSearch(text, separator);
        boolean fromRight = name.equals("rpartition");
        int at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return fromRight ? PyTuple.of("", "", text) : PyTuple.of(text, "", "");
        }
        return PyTuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }
}
