package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.Items;
import io.github.expogguf.infer.jinja.method.Lookup;
import io.github.expogguf.infer.jinja.method.Operators;
import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.DictView;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyIterator;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.Sentinel;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Filters that take, join or cut sequences, and a few of any value. */
final class SequenceFilters {

    private SequenceFilters() {}

    static void addTo(FilterTable filters) {
        for (String name : List.of("length", "count")) {
            filters.add(name, SequenceFilters::length);
        }
        for (String name : List.of("default", "d")) {
            filters.add(
                    name,
                    Signature.of("do_default", "value", "default_value?", "boolean?"),
                    SequenceFilters::otherwise);
        }
        filters.add("attr", Signature.of("do_attr", "@", "obj", "name"), SequenceFilters::attribute);
        filters.add("items", Signature.of("do_items", "value"), SequenceFilters::items);
        filters.add(
                "list", Signature.of("sync_do_list", "value"), (a, work) -> new PyList(Iteration.list(a.get(0), work)));
        filters.add("first", Signature.of("sync_do_first", "@", "seq"), (a, work) -> {
            Object first = Iteration.of(a.get(0), work).next();
            return first == PyIterator.END ? Undefined.because("No first item, sequence was empty.") : first;
        });
        filters.add("last", Signature.of("do_last", "@", "seq"), SequenceFilters::last);
        filters.add("reverse", Signature.of("do_reverse", "value"), SequenceFilters::reverse);
        filters.add("join", Signature.of("sync_do_join", "@", "value", "d?", "attribute?"), SequenceFilters::join);
        filters.add("sum", Signature.of("sync_do_sum", "@", "iterable", "attribute?", "start?"), SequenceFilters::sum);
        filters.add("batch", Signature.of("do_batch", "value", "linecount", "fill_with?"), SequenceFilters::batch);
        filters.add("slice", Signature.of("sync_do_slice", "value", "slices", "fill_with?"), SequenceFilters::slice);
        filters.add("random", (value, positional, named, work) -> {
            throw JinjaException.unsupported("the filter 'random'");
        });
    }

    private static @Nullable Object length(
            @Nullable Object value, List<@Nullable Object> positional, Map<String, @Nullable Object> named, Work work)
            throws JinjaException {
        if (!named.isEmpty()) {
            throw JinjaException.type("len() takes no keyword arguments");
        }
        if (!positional.isEmpty()) {
            throw JinjaException.type("len() takes exactly one argument (" + (positional.size() + 1) + " given)");
        }
        return Types.length(value);
    }

    private static @Nullable Object otherwise(Signature.Bound a, Work work) throws JinjaException {
        boolean replaced = a.get(0) instanceof Undefined || (Types.isTrue(a.get(2, false)) && !Types.isTrue(a.get(0)));
        return replaced ? a.get(1, "") : a.get(0);
    }

    private static @Nullable Object attribute(Signature.Bound a, Work work) throws JinjaException {
        if (!Types.isString(a.get(1))) {
            throw JinjaException.type("attribute name must be string, not '" + Types.name(a.get(1)) + "'");
        }
        Object member = Lookup.member(a.get(0), Types.string(a.get(1)), work);
        return member == Sentinel.NO_MEMBER ? Undefined.member(a.get(0), a.get(1)) : member;
    }

    private static @Nullable Object items(Signature.Bound a, Work work) {
        Object value = a.get(0);
        PyIterator[] items = {null};
        return PyIterator.generator(work, () -> {
            if (value instanceof Undefined) {
                return PyIterator.END;
            }
            if (!(value instanceof PyDict dict)) {
                throw JinjaException.type("Can only get item pairs from a mapping.");
            }
            items[0] = items[0] == null ? Iteration.of(new DictView(dict, DictView.Kind.ITEMS), work) : items[0];
            return items[0].next();
        });
    }

    private static @Nullable Object last(Signature.Bound a, Work work) throws JinjaException {
        Object value = a.get(0);
        if (value instanceof Undefined) {
            return Undefined.because("No last item, sequence was empty.");
        }
        PyIterator reversed = Iteration.reversed(value, work);
        if (reversed == null) {
            throw JinjaException.type("'" + Types.name(value) + "' object is not reversible");
        }
        Object last = reversed.next();
        return last == PyIterator.END ? Undefined.because("No last item, sequence was empty.") : last;
    }

    private static @Nullable Object reverse(Signature.Bound a, Work work) throws JinjaException {
        Object value = a.get(0);
        if (Types.isString(value)) {
            return Items.slice(value, null, null, -1L, work);
        }
        if (value instanceof Undefined) {
            return new PyIterator("reversed", () -> PyIterator.END);
        }
        PyIterator reversed = Iteration.reversed(value, work);
        if (reversed != null) {
            return reversed;
        }
        if (!Types.isIterable(value)) {
            throw JinjaException.other("argument must be iterable");
        }
        return new PyList(Iteration.list(value, work).reversed());
    }

    private static @Nullable Object join(Signature.Bound a, Work work) throws JinjaException {
        Object attribute = a.get(2, null);
        AttributePath path = attribute == null ? null : AttributePath.of(attribute, work);
        String separator = Text.of(a.get(1, ""), work);
        StringBuilder result = new StringBuilder();
        PyIterator items = Iteration.of(a.get(0), work);
        boolean first = true;
        for (Object item = items.next(); item != PyIterator.END; item = items.next()) {
            String text = Text.of(path == null ? item : path.get(item, null, work), work);
            work.charge((long) text.length() + separator.length() + Work.OBJECT / 2);
            result.append(first ? "" : separator).append(text);
            first = false;
        }
        return result.toString();
    }

    private static @Nullable Object sum(Signature.Bound a, Work work) throws JinjaException {
        Object attribute = a.get(1, null);
        AttributePath path = attribute == null ? null : AttributePath.of(attribute, work);
        Object sum = a.get(2, 0L);
        if (Types.isString(sum)) {
            throw JinjaException.type("sum() can't sum strings [use ''.join(seq) instead]");
        }
        PyIterator items = Iteration.of(a.get(0), work);
        for (Object item = items.next(); item != PyIterator.END; item = items.next()) {
            work.step();
            sum = Operators.binary("+", sum, path == null ? item : path.get(item, null, work), work);
        }
        return sum;
    }

    private static @Nullable Object batch(Signature.Bound a, Work work) {
        Object size = a.get(1);
        Object fill = a.get(2, null);
        PyIterator[] items = {null};
        List<@Nullable Object> batch = new ArrayList<>();
        return PyIterator.generator(work, () -> {
            items[0] = items[0] == null ? Iteration.of(a.get(0), work) : items[0];
            for (Object item = items[0].next(); item != PyIterator.END; item = items[0].next()) {
                work.chargeObjects(1);
                boolean full = Comparison.areEqual((long) batch.size(), size, work);
                PyList done = full ? new PyList(batch) : null;
                if (full) {
                    batch.clear();
                }
                batch.add(item);
                if (full) {
                    return done;
                }
            }
            if (batch.isEmpty()) {
                return PyIterator.END;
            }
            if (fill != null && Comparison.order("<", (long) batch.size(), size, work)) {
                fill(batch, Operators.binary("-", size, (long) batch.size(), work), fill, work);
            }
            PyList rest = new PyList(batch);
            batch.clear();
            return rest;
        });
    }

    private static void fill(List<@Nullable Object> batch, @Nullable Object missing, @Nullable Object fill, Work work)
            throws JinjaException {
        Object filling = Operators.binary("*", new PyList(java.util.Collections.singletonList(fill)), missing, work);
        batch.addAll(((PyList) Objects.requireNonNull(filling)).items());
    }

    private static @Nullable Object slice(Signature.Bound a, Work work) {
        Object fill = a.get(2, null);
        long[] state = {-1, 0}; // the number of the slice, and how many longer ones came before
        List<@Nullable Object> all = new ArrayList<>();
        return PyIterator.generator(work, () -> {
            if (state[0]++ < 0) {
                all.addAll(Iteration.list(a.get(0), work));
            }
            Object perSlice = Operators.binary("//", (long) all.size(), a.get(1), work);
            Object longer = Operators.binary("%", (long) all.size(), a.get(1), work);
            if (state[0] >= PyNumbers.index(a.get(1))) {
                return PyIterator.END;
            }
            long start = state[1] + state[0] * PyNumbers.small(perSlice);
            boolean isLonger = state[0] < PyNumbers.small(longer);
            state[1] += isLonger ? 1 : 0;
            long end = state[1] + (state[0] + 1) * PyNumbers.small(perSlice);
            work.chargeObjects(end - start + 2);
            List<@Nullable Object> part = new ArrayList<>(all.subList((int) start, (int) end));
            if (fill != null && !isLonger) {
                part.add(fill);
            }
            return new PyList(part);
        });
    }
}
