package io.github.expogguf.infer.jinja.filter;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.Signature;
import io.github.expogguf.infer.jinja.value.Types;
import io.github.expogguf.infer.jinja.value.Work;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Filters, or tests, by their names. */
public final class FilterTable {

    /** What a filter does with its value and arguments, which are checked and in order. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Object apply(Signature.Bound arguments, Work work) throws JinjaException;
    }

    /** What a filter does with any arguments. */
    @FunctionalInterface
    interface Free {
        @Nullable
        Object apply(
                @Nullable Object value,
                List<@Nullable Object> positional,
                Map<String, @Nullable Object> named,
                Work work)
                throws JinjaException;
    }

    private final Map<String, Free> filters = new HashMap<>();

    void add(String name, Free filter) {
        filters.put(name, filter);
    }

    void add(String name, Signature signature, Body body) {
        add(name, (value, positional, named, work) -> {
            List<@Nullable Object> all = new ArrayList<>();
            all.add(value);
            all.addAll(positional);
            return body.apply(signature.bind(all, named), work);
        });
    }

    public boolean has(String name) {
        return filters.containsKey(name);
    }

    public @Nullable Object apply(
            String name,
            @Nullable Object value,
            List<@Nullable Object> positional,
            Map<String, @Nullable Object> named,
            Work work)
            throws JinjaException {
        if (Types.isString(value)) {
            work.charge(Types.string(value).length());
        }
        return Objects.requireNonNull(filters.get(name)).apply(value, positional, named, work);
    }
}
