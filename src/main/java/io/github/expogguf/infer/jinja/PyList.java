package io.github.expogguf.infer.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list. Its identity counts: {@code sameas} sees it, and {@code pop} changes it. */
final class PyList implements Sequence {

    private final List<@Nullable Object> items;

    PyList(Collection<?> items) {
        this.items = new ArrayList<>(items);
    }

    @Override
    public List<@Nullable Object> items() {
        return items;
    }
}
