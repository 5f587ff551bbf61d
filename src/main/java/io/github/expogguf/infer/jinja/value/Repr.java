package io.github.expogguf.infer.jinja.value;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** {@code repr(value)}: how a value stands in a list, quoted and escaped. */
public final class Repr {

    private static final int VALUE = 8; // what writing any value costs, in characters

    private final StringBuilder result = new StringBuilder();
    private final Deque<Namespace> open = new ArrayDeque<>(); // only namespaces can contain themselves
    private final @Nullable Work work; // null for small values that need no bounds
    private int nesting;

    private Repr(@Nullable Work work) {
        this.work = work;
    }

    public static String of(@Nullable Object value, @Nullable Work work) throws JinjaException {
        Repr repr = new Repr(work);
        repr.write(value);
        return repr.result.toString();
    }

    /** A string in quotes. */
    public static String of(String text) {
        StringBuilder result = new StringBuilder(text.length() + 2);
        quote(text, result);
        return result.toString();
    }

    private void append(String text) throws JinjaException {
        if (work != null) {
            work.charge(text.length());
        }
        result.append(text);
    }

    private void quote(String text) throws JinjaException {
        if (work != null) {
            work.charge(text.length() + 2L);
        }
        quote(text, result);
    }

    private void write(@Nullable Object value) throws JinjaException {
        Work.checkNesting(++nesting);
        if (work != null) {
            work.charge(VALUE);
        }
        switch (value) {
            case null -> append("None");
            case Boolean truth -> append(truth ? "True" : "False");
            case Long number -> append(number.toString());
            case BigInteger number -> append(work == null ? number.toString() : PyNumbers.text(number, work));
            case Double number -> append(FloatText.of(number));
            case String text -> quote(text);
            case Markup markup -> {
                append("Markup(");
                quote(markup.text());
                append(")");
            }
            case PyList list -> writeAll("[", list.items(), "]");
            case PyTuple tuple -> writeAll("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")");
            case PyDict dict -> write(dict);
            case DictView view -> write(view);
            case Namespace namespace -> write(namespace);
            case OwnRepr other -> append(other.repr());
            default ->
                throw JinjaException.unsupported(
                        "writing a " + Types.name(value) + " (jinja2 writes its address in memory)");
        }
        nesting--;
    }

    private void writeAll(String begin, Collection<? extends @Nullable Object> items, String end)
            throws JinjaException {
        append(begin);
        String separator = "";
        for (Object item : items) {
            append(separator);
            write(item);
            separator = ", ";
        }
        append(end);
    }

    private void write(PyDict dict) throws JinjaException {
        append("{");
        String separator = "";
        for (PyDict.Entry entry : dict.entries()) {
            append(separator);
            write(entry.key());
            append(": ");
            write(entry.value());
            separator = ", ";
        }
        append("}");
    }

    private void write(DictView view) throws JinjaException {
        append(view.typeName() + "([");
        String separator = "";
        for (PyDict.Entry entry : view.dict().entries()) {
            append(separator);
            write(view.show(entry));
            separator = ", ";
        }
        append("])");
    }

    private void write(Namespace namespace) throws JinjaException {
        if (open.contains(namespace)) {
            append("<Namespace {...}>");
            return;
        }
        open.push(namespace);
        append("<Namespace ");
        write(namespace.members());
        append(">");
        open.pop();
    }

    private static void quote(String text, StringBuilder result) {
        char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        result.append(mark);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> result.append("\\\\");
                case '\n' -> result.append("\\n");
                case '\r' -> result.append("\\r");
                case '\t' -> result.append("\\t");
                default -> {
                    if (c == mark) {
                        result.append('\\').append(mark);
                    } else if (Characters.isPrintable(c)) {
                        result.appendCodePoint(c);
                    } else {
                        result.append(escape(c));
                    }
                }
            }
        });
        result.append(mark);
    }

    public static String escape(int c) {
        HexFormat hex = HexFormat.of();
        return c < 0x100
                ? "\\x" + hex.toHexDigits((byte) c)
                : c < 0x10000 ? "\\u" + hex.toHexDigits((char) c) : "\\U" + hex.toHexDigits(c);
    }
}
