package io.github.expogguf.infer.jinja;

import java.util.HashMap;
import java.util.Map;

/** What a template is given, the globals among it, and what it sets itself outside of loops and macros. */
final class Context {

    private final Context parent; // null for the outermost
    private final Map<String, Object> values = new HashMap<>();

    Context(Context parent, Map<String, Object> values) {
        this.parent = parent;
        this.values.putAll(values);
    }

    Object get(String name) {
        for (Context context = this; context != null; context = context.parent) {
            if (context.values.containsKey(name)) {
                return context.values.get(name);
            }
        }
        return Frame.MISSING;
    }

    void set(String name, Object value) {
        values.put(name, value);
    }
}
