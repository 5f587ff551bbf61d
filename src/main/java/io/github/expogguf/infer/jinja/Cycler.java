package io.github.expogguf.infer.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code cycler(...)}: gives its items again and again. */
final class Cycler {

    private final List<@Nullable Object> items;
    private int position;

    Cycler(List<@Nullable Object> items) {
        this.items = items;
    }

    List<@Nullable Object> items() {
        return items;
    }

    int position() {
        return position;
    }

    @Nullable
    Object current() {
        return items.get(position);
    }

    @Nullable
    Object next() {
        Object item = current();
        position = (position + 1) % items.size();
        return item;
    }

    @Nullable
    Object reset() {
        position = 0;
        return null;
    }
}
