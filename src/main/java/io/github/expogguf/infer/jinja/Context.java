package io.github.expogguf.infer.jinja;

import io.github.expogguf.infer.jinja.value.Sentinel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a template is given, the globals among it, and what it sets itself outside of loops and macros. */
final class Context {

    /** A variable that has no value. */
    static final Sentinel MISSING = new Sentinel();

    private final @Nullable Context parent; // null for the outermost
    private final Map<String, @Nullable Object> values = new HashMap<>();

    Context(@Nullable Context parent, Map<String, @Nullable Object> values) {
        this.parent = parent;
        this.values.putAll(values);
    }

    @Nullable
    Object get(String name) {
        for (Context context = this; context != null; context = context.parent) {
            if (context.values.containsKey(name)) {
                return context.values.get(name);
            }
        }
        return MISSING;
    }

    void set(String name, @Nullable Object value) {
        values.put(name, value);
    }
}
