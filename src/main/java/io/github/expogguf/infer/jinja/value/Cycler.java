package io.github.expogguf.infer.jinja.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code cycler(...)}: gives its items again and again. */
public final class Cycler implements PyValue {

    private final List<@Nullable Object> items;
    private int position;

    public Cycler(List<@Nullable Object> items) {
        this.items = items;
    }

    public List<@Nullable Object> items() {
        return items;
    }

    public int position() {
        return position;
    }

    public @Nullable Object current() {
        return items.get(position);
    }

    public @Nullable Object next() {
        Object item = current();
        position = (position + 1) % items.size();
        return item;
    }

    public @Nullable Object reset() {
        position = 0;
        return null;
    }

    @Override
    public String typeName() {
        return "Cycler";
    }

    @Override
    public String module() {
        return "jinja2.utils.";
    }
}
