package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.value.Iteration;
import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Key;
import io.github.expogguf.infer.jinja.value.PyIterator;
import io.github.expogguf.infer.jinja.value.Repr;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code map}, {@code select}, {@code reject} and their kin: generators, which compute what is asked of them. */
final class SelectingFilters {

    private final FilterTable filters;
    private final FilterTable tests;

    private SelectingFilters(FilterTable filters, FilterTable tests) {
        this.filters = filters;
        this.tests = tests;
    }

    /** Adds them; they apply filters and tests of these tables, which may be filled later, by their names. */
    static void addTo(FilterTable filters, FilterTable tests) {
        SelectingFilters selecting = new SelectingFilters(filters, tests);
        filters.add("map", selecting::map);
        filters.add("select", selecting.selecting(true, false));
        filters.add("reject", selecting.selecting(false, false));
        filters.add("selectattr", selecting.selecting(true, true));
        filters.add("rejectattr", selecting.selecting(false, true));
    }

    private FilterTable.Free selecting(boolean wanted, boolean ofAttribute) {
        FilterTable.Free filter = (value, args, named, work) -> select(value, args, named, wanted, ofAttribute, work);
        return filter;
    }

    /** What is made of an item. */
    @FunctionalInterface
    private interface Mapping {
        @Nullable
        Object of(@Nullable Object item) throws JinjaException;
    }

    private @Nullable Object map(
            @Nullable Object value, List<@Nullable Object> args, Map<String, @Nullable Object> named, Work work) {
        PyIterator[] items = {null};
        Mapping[] mapping = {null};
        return PyIterator.generator(work, () -> {
            if (items[0] == null) {
                if (!Types.isTrue(value)) {
                    return PyIterator.END;
                }
                mapping[0] = mapping(args, named, work);
                items[0] = Iteration.of(value, work);
            }
            work.step();
            Object item = items[0].next();
            return item == PyIterator.END ? item : mapping[0].of(item);
        });
    }

    private Mapping mapping(List<@Nullable Object> args, Map<String, @Nullable Object> named, Work work)
            throws JinjaException {
        if (args.isEmpty() && named.containsKey("attribute")) {
            Map<String, @Nullable Object> rest = new LinkedHashMap<>(named);
            AttributePath path = AttributePath.of(rest.remove("attribute"), work);
            Object otherwise = rest.remove("default");
            if (!rest.isEmpty()) {
                throw JinjaException.other("Unexpected keyword argument "
                        + Repr.of(rest.keySet().iterator().next()));
            }
            return item -> path.get(item, otherwise, work);
        }
        if (args.isEmpty()) {
            throw JinjaException.other("map requires a filter argument");
        }
        String name = name("filter", args.getFirst(), filters, work);
        List<@Nullable Object> rest = args.subList(1, args.size());
        return item -> filters.apply(name, item, rest, named, work);
    }

    private static String name(String kind, @Nullable Object value, FilterTable known, Work work)
            throws JinjaException {
        Key.of(value, work); // lists and mappings cannot be names
        if (!Types.isString(value) || !known.has(Types.string(value))) {
            throw JinjaException.other("No " + kind + " named " + Repr.of(value, work) + ".");
        }
        return Types.string(value);
    }

    private @Nullable Object select(
            @Nullable Object value,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> named,
            boolean wanted,
            boolean ofAttribute,
            Work work) {
        PyIterator[] items = {null};
        Mapping[] test = {null};
        return PyIterator.generator(work, () -> {
            if (items[0] == null) {
                if (!Types.isTrue(value)) {
                    return PyIterator.END;
                }
                test[0] = test(args, named, ofAttribute, work);
                items[0] = Iteration.of(value, work);
            }
            for (Object item = items[0].next(); item != PyIterator.END; item = items[0].next()) {
                work.step();
                if (Types.isTrue(test[0].of(item)) == wanted) {
                    return item;
                }
            }
            return PyIterator.END;
        });
    }

    private Mapping test(
            List<@Nullable Object> args, Map<String, @Nullable Object> named, boolean ofAttribute, Work work)
            throws JinjaException {
        if (ofAttribute && args.isEmpty()) {
            throw JinjaException.other("Missing parameter for attribute name");
        }
        AttributePath path = AttributePath.of(ofAttribute ? args.getFirst() : null, work);
        List<@Nullable Object> rest = ofAttribute ? args.subList(1, args.size()) : args;
        if (rest.isEmpty()) {
            return item -> path.get(item, null, work);
        }
        List<@Nullable Object> arguments = rest.subList(1, rest.size());
        return item -> {
            Object tested = path.get(item, null, work);
            String name = name("test", rest.getFirst(), tests, work);
            return tests.apply(name, tested, arguments, named, work);
        };
    }
}
