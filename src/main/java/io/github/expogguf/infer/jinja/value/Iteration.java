package io.github.expogguf.infer.jinja.value;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code iter(value)}, and what can be made of all items. */
public final class Iteration {

    private static final int CHARACTER = 16; // what a text of one character costs

    private Iteration() {}

    public static PyIterator of(@Nullable Object value, Work work) throws JinjaException {
        return switch (value) {
            case PyIterator iterator -> iterator;
            case String text -> characters(text, false, work);
            case Markup markup -> characters(markup.text(), false, work);
            case PyList list -> items("list_iterator", list.items());
            case PyTuple tuple -> items("tuple_iterator", tuple.items());
            case PyDict dict -> entries("dict_keyiterator", new DictView(dict, DictView.Kind.KEYS), dict.entries());
            case DictView view -> entries(view.typeName(), view, view.dict().entries());
            case PyRange range -> numbers(range);
            case Undefined undefined -> PyIterator.generator(work, () -> PyIterator.END);
            case LoopValue loop -> throw JinjaException.unsupported("iterating over 'loop'");
            case null, default -> throw JinjaException.type("'" + Types.name(value) + "' object is not iterable");
        };
    }

    /** {@code reversed(value)}, or null for what cannot be reversed. */
    public static @Nullable PyIterator reversed(@Nullable Object value, Work work) throws JinjaException {
        return switch (value) {
            case String text -> characters(text, true, work);
            case Markup markup -> characters(markup.text(), true, work);
            case PyList list -> backwards("list_reverseiterator", list.items());
            case PyTuple tuple -> backwards("reversed", tuple.items());
            case PyDict dict ->
                entries(
                        "dict_reversekeyiterator",
                        new DictView(dict, DictView.Kind.KEYS),
                        dict.entries().reversed());
            case DictView view ->
                entries(view.typeName(), view, view.dict().entries().reversed());
            case PyRange range ->
                numbers(new PyRange(range.get(range.length() - 1), range.start() - range.step(), -range.step()));
            case null, default -> null;
        };
    }

    private static PyIterator items(String typeName, List<@Nullable Object> items) {
        int[] next = {0};
        return new PyIterator(typeName, () -> next[0] < items.size() ? items.get(next[0]++) : PyIterator.END);
    }

    private static PyIterator backwards(String typeName, List<@Nullable Object> items) {
        int[] next = {items.size() - 1};
        return new PyIterator(
                typeName, () -> next[0] >= 0 && next[0] < items.size() ? items.get(next[0]--) : PyIterator.END);
    }

    private static PyIterator entries(String typeName, DictView view, Collection<PyDict.Entry> shown) {
        Iterator<PyDict.Entry> entries = shown.iterator();
        return new PyIterator(typeName, () -> entries.hasNext() ? view.show(entries.next()) : PyIterator.END);
    }

    private static PyIterator numbers(PyRange range) {
        long[] next = {0};
        long length = range.length();
        return new PyIterator(
                "range_iterator", () -> next[0] < length ? (Object) range.get(next[0]++) : PyIterator.END);
    }

    private static PyIterator characters(String text, boolean backwards, Work work) {
        int[] at = {backwards ? text.length() : 0};
        return new PyIterator("str_iterator", () -> {
            if (at[0] == (backwards ? 0 : text.length())) {
                return PyIterator.END;
            }
            work.charge(CHARACTER);
            int c = backwards ? text.codePointBefore(at[0]) : text.codePointAt(at[0]);
            at[0] += backwards ? -Character.charCount(c) : Character.charCount(c);
            return Strings.of(c);
        });
    }

    /** All items that are left. */
    public static List<@Nullable Object> list(@Nullable Object value, Work work) throws JinjaException {
        List<@Nullable Object> items = new ArrayList<>();
        PyIterator iterator = of(value, work);
        for (Object item = iterator.next(); item != PyIterator.END; item = iterator.next()) {
            work.chargeObjects(1);
            items.add(item);
        }
        return items;
    }
}
