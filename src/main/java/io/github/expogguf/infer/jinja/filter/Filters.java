package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Markup;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Text;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The filters of jinja2's default environment (3.1), with the {@code tojson} of transformers. */
public final class Filters {

    /** What a filter does with its value and arguments, which are checked and in order. */
    @FunctionalInterface
    interface Body {
        public @Nullable Object apply(Signature.Bound arguments, Work work) throws JinjaException;
    }

    /** What a filter does with any arguments. */
    @FunctionalInterface
    interface Free {
        public @Nullable Object apply(
                @Nullable Object value,
                List<@Nullable Object> positional,
                Map<String, @Nullable Object> named,
                Work work)
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
        Free filter = (value, positional, named, work) -> {
            List<@Nullable Object> all = new ArrayList<>();
            all.add(value);
            all.addAll(positional);
            return body.apply(signature.bind(all, named), work);
        };
        filters.put(name, filter);
    }

    public static boolean isFilter(String name) {
        return FILTERS.containsKey(name);
    }

    public static @Nullable Object apply(
            String name,
            @Nullable Object value,
            List<@Nullable Object> positional,
            Map<String, @Nullable Object> named,
            Work work)
            throws JinjaException {
        if (Types.isString(value)) {
            work.charge(Types.string(value).length());
        }
        return Objects.requireNonNull(FILTERS.get(name)).apply(value, positional, named, work);
    }

    /** The text of a value, marked up if the value is. */
    static @Nullable Object soft(@Nullable Object value, Work work) throws JinjaException {
        return value instanceof Markup ? value : Text.of(value, work);
    }
}
