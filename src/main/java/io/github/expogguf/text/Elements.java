package io.github.expogguf.text;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Copies of what callers pass; a null in it, or instead of it, is refused by the name of the parameter. */
public final class Elements {

    private Elements() {}

    /** A copy that never changes. */
    public static <T> List<T> copy(List<T> elements, String name) {
        requireNoNull(elements, name);
        return List.copyOf(elements);
    }

    /** A copy that never changes, in the same order. */
    public static <T> Set<T> copy(Set<T> elements, String name) {
        requireNoNull(elements, name);
        return Collections.unmodifiableSet(new LinkedHashSet<>(elements));
    }

    /** A copy that never changes, in the same order. */
    public static <K, V> Map<K, V> copy(Map<K, V> elements, String name) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(require(elements, name)));
    }

    /** The same, of which nothing is null. */
    public static <C extends Collection<?>> C require(C elements, String name) {
        requireNoNull(elements, name);
        return elements;
    }

    /** The same, of which nothing is null. */
    public static <M extends Map<?, ?>> M require(M elements, String name) {
        requireNoNull(requireKeys(elements, name).values(), name);
        return elements;
    }

    /** The same, of which no key is null; values may be, as in JSON. */
    public static <M extends Map<?, ?>> M requireKeys(M elements, String name) {
        requireNoNull(Objects.requireNonNull(elements, name).keySet(), name);
        return elements;
    }

    private static void requireNoNull(Collection<?> elements, String name) {
        int index = 0;
        for (Object element : Objects.requireNonNull(elements, name)) {
            Objects.requireNonNull(element, name + ": element " + index + " is null");
            index++;
        }
    }
}
