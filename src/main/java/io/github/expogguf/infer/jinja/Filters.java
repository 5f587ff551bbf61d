package io.github.expogguf.infer.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The filters of jinja2's default environment (3.1), with the {@code tojson} of transformers. */
final class Filters {

    /** What a filter does with its value and arguments, which are checked and in order. */
    @FunctionalInterface
    interface Body {
        Object apply(Signature.Bound arguments, Work work) throws JinjaException;
    }

    /** What a filter does with any arguments. */
    @FunctionalInterface
    interface Free {
        Object apply(Object value, List<Object> positional, Map<String, Object> named, Work work)
                throws JinjaException;
    }

    private static final Map<String, Free> FILTERS = new HashMap<>();

    static {
        TextFilters.addTo(FILTERS);
        MarkupFilters.addTo(FILTERS);
        NumberFilters.addTo(FILTERS);
        SequenceFilters.addTo(FILTERS);
        SelectingFilters.addTo(FILTERS);
        OrderingFilters.addTo(FILTERS);
    }

    private Filters() {}

    static void add(Map<String, Free> filters, String name, Signature signature, Body body) {
        filters.put(name, (value, positional, named, work) -> {
            List<Object> all = new ArrayList<>();
            all.add(value);
            all.addAll(positional);
            return body.apply(signature.bind(all, named), work);
        });
    }

    static boolean isFilter(String name) {
        return FILTERS.containsKey(name);
    }

    static Object apply(String name, Object value, List<Object> positional, Map<String, Object> named, Work work)
            throws JinjaException {
        if (Types.isString(value)) {
            work.charge(Types.string(value).length());
        }
        return FILTERS.get(name).apply(value, positional, named, work);
    }

    /** The text of a value, marked up if the value is. */
    static Object soft(Object value, Work work) throws JinjaException {
        return value instanceof Markup ? value : Text.of(value, work);
    }

    /** Calls a method of a text or markup. */
    static Object method(Object text, String name, Work work, Object... arguments) throws JinjaException {
        Callable method = (Callable) Members.get(text, name, work);
        return method.call(java.util.Arrays.asList(arguments), Map.of());
    }
}
