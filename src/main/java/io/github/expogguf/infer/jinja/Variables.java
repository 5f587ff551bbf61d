package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.value.JinjaException;
import io.github.expogguf.infer.jinja.value.PyDict;
import io.github.expogguf.infer.jinja.value.PyList;
import io.github.expogguf.infer.jinja.value.PyNumbers;
import io.github.expogguf.infer.jinja.value.Work;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a caller gives a template, in the form in which templates see it. */
final class Variables {

    private Variables() {}

    static Map<String, @Nullable Object> of(Map<String, @Nullable Object> variables) throws JinjaException {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (Map.Entry<String, @Nullable Object> variable : variables.entrySet()) {
            values.put(variable.getKey(), value(variable.getValue(), 0));
        }
        return values;
    }

    private static @Nullable Object value(@Nullable Object value, int nesting) throws JinjaException {
        Work.checkNesting(nesting);
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean truth -> truth;
            case Long number -> number;
            case Integer number -> number.longValue();
            case Double number -> number;
            case BigInteger number -> PyNumbers.integer(number);
            case List<?> list -> {
                List<@Nullable Object> items = new ArrayList<>();
                for (Object item : list) {
                    items.add(value(item, nesting + 1));
                }
                yield new PyList(items);
            }
            case Map<?, ?> map -> {
                PyDict dict = new PyDict();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    if (!(entry.getKey() instanceof String key)) {
                        throw new IllegalArgumentException("a key of " + entry.getKey());
                    }
                    dict.put(key, value(entry.getValue(), nesting + 1));
                }
                yield dict;
            }
            default -> throw new IllegalArgumentException("a variable of " + value.getClass());
        };
    }
}
