package io.github.expogguf.infer.jinja;

import java.util.List;

/** {@code cycler(...)}: gives its items again and again. */
final class Cycler {

    private final List<Object> items;
    private int position;

    Cycler(List<Object> items) {
        this.items = items;
    }

    List<Object> items() {
        return items;
    }

    int position() {
        return position;
    }

    Object current() {
        return items.get(position);
    }

    Object next() {
        Object item = current();
        position = (position + 1) % items.size();
        return item;
    }

    Object reset() {
        position = 0;
        return null;
    }
}
