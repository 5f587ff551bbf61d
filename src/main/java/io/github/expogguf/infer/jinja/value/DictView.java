package io.github.expogguf.infer.jinja.value;

import org.jspecify.annotations.Nullable;

/** {@code keys()}, {@code values()} or {@code items()} of a dict. */
public record DictView(PyDict dict, Kind kind) implements Sized {

    /** What it shows. */
    public enum Kind {
        KEYS("dict_keys"),
        VALUES("dict_values"),
        ITEMS("dict_items");

        private final String typeName;

        Kind(String typeName) {
            this.typeName = typeName;
        }
    }

    @Nullable
    Object show(PyDict.Entry entry) {
        return switch (kind) {
            case KEYS -> entry.key();
            case VALUES -> entry.value();
            case ITEMS -> PyTuple.of(entry.key(), entry.value());
        };
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String typeName() {
        return kind.typeName;
    }

    @Override
    public long length() {
        return dict.size();
    }

    @Override
    public @Nullable Object key() {
        return kind == Kind.VALUES ? this : null;
    }
}
