package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.Items;
import io.github.expogguf.infer.jinja.method.Members;
import io.github.expogguf.infer.jinja.method.Operators;
import io.github.expogguf.infer.jinja.method.PercentFormat;
import io.github.expogguf.infer.jinja.method.Splitting;
import io.github.expogguf.infer.jinja.value.Characters;
import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Filters of texts. */
final class TextFilters {

    private TextFilters() {}

    static void addTo(FilterTable filters) {
        filters.add("string", Signature.of("soft_str", "s"), (a, work) -> soft(a.get(0), work));
        for (String name : List.of("upper", "lower", "capitalize")) {
            filters.add(
                    name, Signature.of("do_" + name, "s"), (a, work) -> Members.call(soft(a.get(0), work), name, work));
        }
        filters.add("title", Signature.of("do_title", "s"), (a, work) -> title(Text.of(a.get(0), work), work));
        filters.add(
                "trim",
                Signature.of("do_trim", "value", "chars?"),
                (a, work) -> Members.call(soft(a.get(0), work), "strip", work, a.get(1, null)));
        filters.add(
                "center",
                Signature.of("do_center", "value", "width?"),
                (a, work) -> Members.call(soft(a.get(0), work), "center", work, a.get(1, 80L)));
        filters.add("replace", Signature.of("do_replace", "@", "s", "old", "new", "count?"), TextFilters::replace);
        filters.add("format", TextFilters::format);
        filters.add("indent", Signature.of("do_indent", "s", "width?", "first?", "blank?"), TextFilters::indent);
        filters.add(
                "truncate",
                Signature.of("do_truncate", "@", "s", "length?", "killwords?", "end?", "leeway?"),
                TextFilters::truncate);
        filters.add(
                "wordcount", Signature.of("do_wordcount", "s"), (a, work) -> wordCount(Text.of(a.get(0), work), work));
        for (String name : List.of("wordwrap", "pprint")) {
            filters.add(name, (value, positional, named, work) -> {
                throw JinjaException.unsupported("the filter '" + name + "'");
            });
        }
        filters.add(
                "tojson",
                Signature.of("tojson", "x", "ensure_ascii?", "indent?", "separators?", "sort_keys?"),
                JsonWriter::filter);
    }

    /** The text of a value, marked up if the value is. */
    private static Object soft(@Nullable Object value, Work work) throws JinjaException {
        return value instanceof Markup ? value : Text.of(value, work);
    }

    /** Words begin behind white space, hyphens and opening brackets. */
    private static String title(String text, Work work) throws JinjaException {
        work.charge(Work.MAPPING * (long) text.length());
        StringBuilder result = new StringBuilder(text.length());
        int from = 0;
        while (from < text.length()) {
            boolean separators = isSeparator(text.codePointAt(from));
            int end = from;
            while (end < text.length() && isSeparator(text.codePointAt(end)) == separators) {
                end += Character.charCount(text.codePointAt(end));
            }
            String word = text.substring(from, end);
            int first = Character.charCount(word.codePointAt(0));
            result.append(Characters.upper(word.substring(0, first))).append(Characters.lower(word.substring(first)));
            from = end;
        }
        return result.toString();
    }

    private static boolean isSeparator(int c) {
        return "-({[<".indexOf(c) >= 0 || Characters.isSpace(c);
    }

    private static @Nullable Object replace(Signature.Bound a, Work work) throws JinjaException {
        Object count = a.get(3, null);
        return Strings.replace(
                Text.of(a.get(0), work),
                Text.of(a.get(1), work),
                Text.of(a.get(2), work),
                count == null ? -1 : PyNumbers.index(count),
                work);
    }

    private static @Nullable Object format(
            @Nullable Object value, List<@Nullable Object> positional, Map<String, @Nullable Object> named, Work work)
            throws JinjaException {
        if (!positional.isEmpty() && !named.isEmpty()) {
            throw JinjaException.other("can't handle positional and keyword arguments at the same time");
        }
        Object arguments = new PyTuple(positional);
        if (!named.isEmpty()) {
            PyDict dict = new PyDict();
            named.forEach(dict::put);
            arguments = dict;
        }
        return PercentFormat.format(soft(value, work), arguments, work);
    }

    private static @Nullable Object indent(Signature.Bound a, Work work) throws JinjaException {
        Object width = a.get(1, 4L);
        if (!Types.isString(width) && !Types.isInteger(width)) {
            throw width instanceof Undefined undefined
                    ? undefined.error()
                    : JinjaException.type("can't multiply sequence by non-int of type '" + Types.name(width) + "'");
        }
        String indentation =
                Types.isString(width) ? Types.string(width) : Strings.repeat(" ", PyNumbers.small(width), work);
        Object text = a.get(0);
        if (!Types.isString(text)) {
            throw text instanceof Undefined undefined
                    ? undefined.error()
                    : JinjaException.type(
                            text instanceof PyList
                                    ? "'list' object has no attribute 'splitlines'"
                                    : "unsupported operand type(s) for +=: '" + Types.name(text) + "' and 'str'");
        }
        Object marked = Operators.binary("+", text, text instanceof Markup ? new Markup("\n") : "\n", work);
        List<@Nullable Object> lines = new Splitting(Types.string(marked), work).lines(false);
        boolean blank = Types.isTrue(a.get(3, false));
        StringBuilder result = new StringBuilder(Types.isTrue(a.get(2, false)) ? indentation : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            work.charge((long) line.length() + indentation.length());
            result.append(i == 0 ? "" : "\n");
            result.append(i > 0 && (blank || !line.isEmpty()) ? indentation : "")
                    .append(line);
        }
        return marked instanceof Markup ? new Markup(result.toString()) : result.toString();
    }

    private static @Nullable Object truncate(Signature.Bound a, Work work) throws JinjaException {
        Object text = a.get(0);
        Object length = a.get(1, 255L);
        Object end = a.get(3, "...");
        Object leeway = a.get(4, null) == null ? (Object) 5L : a.get(4);
        long endLength = Types.length(end);
        if (Comparison.order("<", length, endLength, work)) {
            throw JinjaException.other("expected length >= " + endLength + ", got " + Text.of(length, work));
        }
        if (Comparison.order("<", leeway, 0L, work)) {
            throw JinjaException.other("expected leeway >= 0, got " + Text.of(leeway, work));
        }
        if (!Comparison.order(">", Types.length(text), Operators.binary("+", length, leeway, work), work)) {
            return text;
        }
        Object cut = Items.slice(text, null, Operators.binary("-", length, endLength, work), null, work);
        if (!Types.isTrue(a.get(2, false))) {
            cut = ((PyList) Objects.requireNonNull(Members.call(cut, "rsplit", work, " ", 1L)))
                    .items()
                    .getFirst();
        }
        return Operators.binary("+", cut, end, work);
    }

    private static long wordCount(String text, Work work) throws JinjaException {
        work.charge(Work.MAPPING * (long) text.length());
        long count = 0;
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            boolean part = c == '_' || Characters.isAlphabetic(c) || Characters.isNumeric(c);
            count += part && !inWord ? 1 : 0;
            inWord = part;
        }
        return count;
    }

    /** Lines of a text, as {@code splitlines} finds them. */
    static List<String> lines(String text, Work work) throws JinjaException {
        List<String> lines = new ArrayList<>();
        for (Object line : new Splitting(text, work).lines(false)) {
            lines.add((String) line);
        }
        return lines;
    }
}
