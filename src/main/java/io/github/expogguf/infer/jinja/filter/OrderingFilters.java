package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.method.Members;
import io.github.expogguf.infer.jinja.value.Comparison;
import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Key;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyIterator;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.PyTuple;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Sorting;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Undefined;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Filters that sort, group or compare items. Texts are compared without regard to case, unless asked for. */
final class OrderingFilters {

    private OrderingFilters() {}

    static void addTo(FilterTable filters) {
        filters.add(
                "sort",
                Signature.of("do_sort", "@", "value", "reverse?", "case_sensitive?", "attribute?"),
                OrderingFilters::sort);
        filters.add(
                "dictsort",
                Signature.of("do_dictsort", "value", "case_sensitive?", "by?", "reverse?"),
                OrderingFilters::dictSort);
        filters.add(
                "unique",
                Signature.of("do_unique", "@", "value", "case_sensitive?", "attribute?"),
                OrderingFilters::unique);
        filters.add(
                "min",
                Signature.of("do_min", "@", "value", "case_sensitive?", "attribute?"),
                (a, work) -> extreme(a, "<", work));
        filters.add(
                "max",
                Signature.of("do_max", "@", "value", "case_sensitive?", "attribute?"),
                (a, work) -> extreme(a, ">", work));
        filters.add(
                "groupby",
                Signature.of("sync_do_groupby", "@", "value", "attribute", "default?", "case_sensitive?"),
                OrderingFilters::group);
    }

    private static @Nullable Object ignoringCase(@Nullable Object value, boolean caseSensitive, Work work)
            throws JinjaException {
        return Types.isString(value) && !caseSensitive ? Members.call(value, "lower", work) : value;
    }

    private static @Nullable Object sort(Signature.Bound a, Work work) throws JinjaException {
        boolean caseSensitive = Types.isTrue(a.get(2, false));
        List<AttributePath> paths = AttributePath.several(a.get(3, null), work);
        List<@Nullable Object> all = Iteration.list(a.get(0), work);
        boolean reverse = isReverse(a.get(1, false));
        List<Sorting.Item> items = new ArrayList<>();
        for (Object item : all) {
            List<@Nullable Object> keys = new ArrayList<>();
            for (AttributePath path : paths) {
                keys.add(ignoringCase(path.get(item, null, work), caseSensitive, work));
            }
            items.add(new Sorting.Item(new PyList(keys), item));
        }
        return new PyList(Sorting.sorted(items, reverse, work));
    }

    /** The argument {@code reverse} of Python's {@code sorted}, which takes ints only. */
    private static boolean isReverse(@Nullable Object reverse) throws JinjaException {
        return PyNumbers.index(reverse) != 0;
    }

    private static @Nullable Object dictSort(Signature.Bound a, Work work) throws JinjaException {
        Object by = a.get(2, "key");
        boolean byKey = Comparison.areEqual(by, "key", work);
        if (!byKey && !Comparison.areEqual(by, "value", work)) {
            throw JinjaException.other("You can only sort by either \"key\" or \"value\"");
        }
        if (!(a.get(0) instanceof PyDict dict)) {
            throw a.get(0) instanceof Undefined undefined
                    ? undefined.error()
                    : JinjaException.other("'" + Types.name(a.get(0)) + "' object has no attribute 'items'");
        }
        List<Sorting.Item> items = new ArrayList<>();
        for (PyDict.Entry entry : dict.entries()) {
            Object key = byKey ? entry.key() : entry.value();
            items.add(new Sorting.Item(
                    ignoringCase(key, Types.isTrue(a.get(1, false)), work), PyTuple.of(entry.key(), entry.value())));
        }
        return new PyList(Sorting.sorted(items, isReverse(a.get(3, false)), work));
    }

    private static @Nullable Object unique(Signature.Bound a, Work work) throws JinjaException {
        AttributePath path = AttributePath.of(a.get(2, null), work);
        boolean caseSensitive = Types.isTrue(a.get(1, false));
        PyIterator[] items = {null};
        Set<@Nullable Object> seen = new HashSet<>();
        return PyIterator.generator(work, () -> {
            items[0] = items[0] == null ? Iteration.of(a.get(0), work) : items[0];
            for (Object item = items[0].next(); item != PyIterator.END; item = items[0].next()) {
                work.step();
                work.chargeObjects(1);
                if (seen.add(Key.of(ignoringCase(path.get(item, null, work), caseSensitive, work), work))) {
                    return item;
                }
            }
            return PyIterator.END;
        });
    }

    private static @Nullable Object extreme(Signature.Bound a, String operator, Work work) throws JinjaException {
        AttributePath path = AttributePath.of(a.get(2, null), work);
        boolean caseSensitive = Types.isTrue(a.get(1, false));
        PyIterator items = Iteration.of(a.get(0), work);
        Object best = items.next();
        if (best == PyIterator.END) {
            return Undefined.because("No aggregated item, sequence was empty.");
        }
        Object bestKey = ignoringCase(path.get(best, null, work), caseSensitive, work);
        for (Object item = items.next(); item != PyIterator.END; item = items.next()) {
            work.step();
            Object key = ignoringCase(path.get(item, null, work), caseSensitive, work);
            if (Comparison.order(operator, key, bestKey, work)) {
                best = item;
                bestKey = key;
            }
        }
        return best;
    }

    private static @Nullable Object group(Signature.Bound a, Work work) throws JinjaException {
        AttributePath path = AttributePath.of(a.get(1), work);
        Object otherwise = a.get(2, null);
        boolean caseSensitive = Types.isTrue(a.get(3, false));
        List<Sorting.Item> items = new ArrayList<>();
        for (Object item : Iteration.list(a.get(0), work)) {
            Object key = ignoringCase(path.get(item, otherwise, work), caseSensitive, work);
            items.add(new Sorting.Item(key, item));
        }
        List<@Nullable Object> groups = new ArrayList<>();
        Object groupKey = null;
        List<@Nullable Object> members = new ArrayList<>();
        for (Object item : Sorting.sorted(items, false, work)) {
            Object key = ignoringCase(path.get(item, otherwise, work), caseSensitive, work);
            if (!members.isEmpty() && !Comparison.areEqual(groupKey, key, work)) {
                groups.add(grouped(path, otherwise, members, work));
                members = new ArrayList<>();
            }
            groupKey = members.isEmpty() ? key : groupKey;
            members.add(item);
        }
        if (!members.isEmpty()) {
            groups.add(grouped(path, otherwise, members, work));
        }
        return new PyList(groups);
    }

    private static @Nullable Object grouped(
            AttributePath path, @Nullable Object otherwise, List<@Nullable Object> members, Work work)
            throws JinjaException {
        return new PyTuple(
                List.of("grouper", "list"),
                java.util.Arrays.asList(path.get(members.getFirst(), otherwise, work), new PyList(members)));
    }
}
