package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.value.FloatText;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Sequence;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Sorting;
import io.github.expogguf.infer.jinja.value.Strings;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code tojson} as transformers has it: Python's json.dumps, without HTML escapes. */
final class JsonWriter {

    private static final int VALUE = 8; // what writing any value costs, in characters

    private final boolean ascii;
    private final @Nullable String indent; // null for one line
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final Work work;
    private final StringBuilder result = new StringBuilder();
    private int nesting;

    private JsonWriter(
            boolean ascii,
            @Nullable String indent,
            String itemSeparator,
            String keySeparator,
            boolean sorted,
            Work work) {
        this.ascii = ascii;
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.sorted = sorted;
        this.work = work;
    }

    /** The filter: value, ensure_ascii, indent, separators, sort_keys. */
    static @Nullable Object filter(Signature.Bound a, Work work) throws JinjaException {
        Object indent = a.get(2, null);
        Object separators = a.get(3, null);
        String indentation = null;
        if (Types.isString(indent)) {
            indentation = Types.string(indent);
        } else if (indent != null && !Types.isString(a.get(0))) { // json.dumps does not look at it for a text
            if (indent instanceof Undefined undefined) {
                throw undefined.error();
            }
            if (!Types.isInteger(indent)) {
                throw JinjaException.type("can't multiply sequence by non-int of type '" + Types.name(indent) + "'");
            }
            indentation = Strings.repeat(" ", PyNumbers.small(indent), work);
        }
        String item = indentation == null ? ", " : ",";
        String key = ": ";
        if (separators != null) {
            List<@Nullable Object> pair = Iteration.list(separators, work);
            if (pair.size() != 2 || !Types.isString(pair.get(0)) || !Types.isString(pair.get(1))) {
                throw JinjaException.value(
                        pair.size() < 2
                                ? "not enough values to unpack (expected 2, got " + pair.size() + ")"
                                : "too many values to unpack (expected 2)");
            }
            item = Types.string(pair.get(0));
            key = Types.string(pair.get(1));
        }
        JsonWriter writer = new JsonWriter(
                Types.isTrue(a.get(1, false)), indentation, item, key, Types.isTrue(a.get(4, false)), work);
        writer.write(a.get(0));
        return writer.result.toString();
    }

    private void append(String text) throws JinjaException {
        work.charge(text.length());
        result.append(text);
    }

    private void write(@Nullable Object value) throws JinjaException {
        Work.checkNesting(++nesting);
        work.charge(VALUE);
        switch (value) {
            case PyDict dict -> write(dict);
            case Sequence sequence -> write(sequence.items());
            case Object text when Types.isString(text) -> quote(Types.string(text));
            case null, default -> append(scalar(value));
        }
        nesting--;
    }

    /** A value without members, or null if it is none that JSON knows. */
    private String scalar(@Nullable Object value) throws JinjaException {
        return switch (value) {
            case null -> "null";
            case Boolean truth -> truth ? "true" : "false";
            case Long number -> number.toString();
            case BigInteger number -> PyNumbers.text(number, work);
            case Double number when Double.isNaN(number) -> "NaN";
            case Double number when Double.isInfinite(number) -> number > 0 ? "Infinity" : "-Infinity";
            case Double number -> FloatText.of(number);
            default -> throw JinjaException.type("Object of type " + Types.name(value) + " is not JSON serializable");
        };
    }

    private void newline(int depth) throws JinjaException {
        if (indent != null) {
            append("\n");
            for (int i = 0; i < depth; i++) {
                append(indent);
            }
        }
    }

    private void write(List<@Nullable Object> items) throws JinjaException {
        if (items.isEmpty()) {
            append("[]");
            return;
        }
        append("[");
        for (int i = 0; i < items.size(); i++) {
            append(i == 0 ? "" : itemSeparator);
            newline(nesting);
            write(items.get(i));
        }
        newline(nesting - 1);
        append("]");
    }

    private void write(PyDict dict) throws JinjaException {
        if (dict.size() == 0) {
            append("{}");
            return;
        }
        append("{");
        boolean first = true;
        for (PyDict.Entry entry : entries(dict)) {
            append(first ? "" : itemSeparator);
            first = false;
            newline(nesting);
            writeKey(entry.key());
            append(keySeparator);
            write(entry.value());
        }
        newline(nesting - 1);
        append("}");
    }

    private Iterable<PyDict.Entry> entries(PyDict dict) throws JinjaException {
        if (!sorted) {
            return dict.entries();
        }
        List<Sorting.Item> items = new ArrayList<>();
        for (PyDict.Entry entry : dict.entries()) {
            items.add(new Sorting.Item(PyTuple.of(entry.key(), entry.value()), entry.key()));
        }
        List<PyDict.Entry> entries = new ArrayList<>();
        for (Object key : Sorting.sorted(items, false, work)) {
            entries.add(dict.get(key, work));
        }
        return entries;
    }

    private void writeKey(@Nullable Object key) throws JinjaException {
        if (Types.isString(key)) {
            quote(Types.string(key));
        } else if (key == null || Types.isNumber(key)) {
            quote(scalar(key));
        } else {
            throw JinjaException.type("keys must be str, int, float, bool or None, not " + Types.name(key));
        }
    }

    private void quote(String text) throws JinjaException {
        work.charge(text.length() + 2L);
        result.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> result.append("\\\"");
                case '\\' -> result.append("\\\\");
                case '\n' -> result.append("\\n");
                case '\r' -> result.append("\\r");
                case '\t' -> result.append("\\t");
                case '\f' -> result.append("\\f");
                case '\b' -> result.append("\\b");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        result.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        result.append(c);
                    }
                }
            }
        }
        result.append('"');
    }
}
