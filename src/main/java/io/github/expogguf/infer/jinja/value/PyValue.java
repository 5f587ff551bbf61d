package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** A value that is none of Java's own. */
public interface PyValue {

    /** The name of its type in Python. */
    String typeName();

    /** The module of that, with a dot, where jinja2's messages name it. */
    default String module() {
        return "";
    }

    /** What stands for it in a hash table; null for what cannot be a key. */
    default @Nullable Object key() {
        return this;
    }
}
