package io.github.expogguf.infer.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** {@code iter(value)}, and what can be made of all items. */
final class Iteration {

    private Iteration() {}

    static PyIterator of(Object value, Work work) throws JinjaException {
        return switch (value) {
            case PyIterator iterator -> iterator;
            case String text -> characters(text, false);
            case Markup markup -> characters(markup.text(), false);
            case PyList list -> items("list_iterator", list.items());
            case PyTuple tuple -> items("tuple_iterator", tuple.items());
            case PyDict dict -> entries("dict_keyiterator", new DictView(dict, DictView.Kind.KEYS));
            case DictView view -> entries(view.kind().typeName, view);
            case PyRange range -> numbers(range);
            case Undefined undefined -> PyIterator.generator(() -> PyIterator.END);
            case Loop loop -> loop.rest();
            case null, default -> throw JinjaException.type("'" + Types.name(value) + "' object is not iterable");
        };
    }

    /** {@code reversed(value)}, or null for what cannot be reversed. */
    static PyIterator reversed(Object value) throws JinjaException {
        return switch (value) {
            case String text -> characters(text, true);
            case Markup markup -> characters(markup.text(), true);
            case PyList list -> items("list_reverseiterator", new ArrayList<>(list.items()).reversed());
            case PyTuple tuple -> items("reversed", tuple.items().reversed());
            case PyDict dict -> reversed("dict_reversekeyiterator", new DictView(dict, DictView.Kind.KEYS));
            case DictView view -> reversed(view.kind().typeName, view);
            case PyRange range -> numbers(new PyRange(range.get(range.length() - 1), range.start() - range.step(),
                    -range.step()));
            case null, default -> null;
        };
    }

    private static PyIterator items(String typeName, List<Object> items) {
        int[] next = {0};
        return new PyIterator(typeName, () -> next[0] < items.size() ? items.get(next[0]++) : PyIterator.END);
    }

    private static PyIterator entries(String typeName, DictView view) {
        Iterator<PyDict.Entry> entries = view.dict().entries().iterator();
        return new PyIterator(typeName, () -> entries.hasNext() ? view.show(entries.next()) : PyIterator.END);
    }

    private static PyIterator reversed(String typeName, DictView view) {
        List<Object> items = new ArrayList<>();
        view.dict().entries().forEach(entry -> items.add(view.show(entry)));
        return items(typeName, items.reversed());
    }

    private static PyIterator numbers(PyRange range) {
        long[] next = {0};
        long length = range.length();
        return new PyIterator("range_iterator", () -> next[0] < length ? (Object) range.get(next[0]++) : PyIterator.END);
    }

    private static PyIterator characters(String text, boolean backwards) {
        int[] at = {backwards ? text.length() : 0};
        return new PyIterator("str_iterator", () -> {
            if (at[0] == (backwards ? 0 : text.length())) {
                return PyIterator.END;
            }
            int c = backwards ? text.codePointBefore(at[0]) : text.codePointAt(at[0]);
            at[0] += backwards ? -Character.charCount(c) : Character.charCount(c);
            return Strings.of(c);
        });
    }

    /** All items that are left. */
    static List<Object> list(Object value, Work work) throws JinjaException {
        List<Object> items = new ArrayList<>();
        PyIterator iterator = of(value, work);
        for (Object item = iterator.next(); item != PyIterator.END; item = iterator.next()) {
            work.chargeObjects(1);
            items.add(item);
        }
        return items;
    }
}
