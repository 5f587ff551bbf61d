package io.github.expogguf.infer.jinja.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tuple: a list that does not change and can be a key. */
public final class PyTuple implements Sequence {

    public static final PyTuple EMPTY = new PyTuple(List.of());

    private final List<String> names; // of its members, if it is a named tuple
    private final List<@Nullable Object> items;

    public PyTuple(Collection<?> items) {
        this(List.of(), items);
    }

    public PyTuple(List<String> names, Collection<?> items) {
        this.names = names;
        this.items = Collections.unmodifiableList(new ArrayList<>(items));
    }

    public static PyTuple of(@Nullable Object... items) {
        return new PyTuple(Arrays.asList(items));
    }

    /** The names of its members; empty for tuples without names. */
    public List<String> names() {
        return names;
    }

    @Override
    public List<@Nullable Object> items() {
        return items;
    }

    @Override
    public String typeName() {
        return "tuple";
    }
}
