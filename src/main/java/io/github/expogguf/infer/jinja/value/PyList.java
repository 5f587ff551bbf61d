package io.github.expogguf.infer.jinja.value;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list. Its identity counts: {@code sameas} sees it, and {@code pop} changes it. */
public final class PyList implements Sequence {

    private final List<@Nullable Object> items;

    public PyList(Collection<?> items) {
        this.items = new ArrayList<>(items);
    }

    @Override
    public List<@Nullable Object> items() {
        return items;
    }

    @Override
    public String typeName() {
        return "list";
    }

    @Override
    public @Nullable Object key() {
        return null;
    }
}
