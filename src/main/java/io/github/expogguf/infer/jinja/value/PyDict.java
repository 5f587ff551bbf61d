package io.github.expogguf.infer.jinja.value;

import java.util.LinkedHashMap;
import java.util.SequencedCollection;
import org.jspecify.annotations.Nullable;

/** A mapping in the order of insertion; 1, 1.0 and true are one key. */
public final class PyDict implements Sized {

    /** A member; the key is as it was first given. */
    public record Entry(@Nullable Object key, @Nullable Object value) {}

    private final LinkedHashMap<@Nullable Object, Entry> entries = new LinkedHashMap<>();

    public void put(@Nullable Object key, @Nullable Object value, Work work) throws JinjaException {
        Object hashable = Key.of(key, work);
        Entry earlier = entries.get(hashable);
        entries.put(hashable, new Entry(earlier == null ? key : earlier.key(), value));
    }

    public void put(String key, @Nullable Object value) {
        entries.put(key, new Entry(key, value));
    }

    /** The member with this key, or null. */
    public @Nullable Entry get(@Nullable Object key, Work work) throws JinjaException {
        return entries.get(Key.of(key, work));
    }

    public @Nullable Entry get(String key) {
        return entries.get(key);
    }

    public void putAll(PyDict other) {
        other.entries.forEach((hashable, entry) -> {
            Entry earlier = entries.get(hashable);
            entries.put(hashable, earlier == null ? entry : new Entry(earlier.key(), entry.value()));
        });
    }

    public SequencedCollection<Entry> entries() {
        return entries.sequencedValues();
    }

    public int size() {
        return entries.size();
    }

    @Override
    public String typeName() {
        return "dict";
    }

    @Override
    public long length() {
        return size();
    }

    @Override
    public @Nullable Object key() {
        return null;
    }
}
