package io.github.expogguf.gguf;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The key/value pairs of a GGUF header, in the order of the file. Immutable. */
public final class Metadata {

    /** No pairs. */
    static final Metadata EMPTY = new Metadata(Map.of());

    private final Map<String, MetadataValue> values;

    /**
     * Copies the pairs in their order.
     *
     * @param values values by their keys, in the order of the file
     */
    public Metadata(Map<String, MetadataValue> values) {
        Elements.require(values, "values");
        this.values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** {@return every pair, in the order of the file} */
    public Map<String, MetadataValue> asMap() {
        return values;
    }

    /** {@return every key, in the order of the file} */
    public Set<String> keys() {
        return values.keySet();
    }

    /**
     * {@return the value of a key}
     *
     * @param key a metadata key
     */
    public Optional<MetadataValue> get(String key) {
        Objects.requireNonNull(key, "key");
        return Optional.ofNullable(values.get(key));
    }

    /**
     * {@return the value of a key if it is a string}
     *
     * @param key a metadata key
     */
    public Optional<String> string(String key) {
        Objects.requireNonNull(key, "key");
        return get(key).filter(value -> value.type() == MetadataType.STRING).map(MetadataValue::asString);
    }

    /**
     * {@return the value of a key if it is an integer, of whatever width}
     *
     * @param key a metadata key
     */
    public OptionalLong integer(String key) {
        Objects.requireNonNull(key, "key");
        return get(key).filter(MetadataValue::isInteger)
                .map(value -> OptionalLong.of(value.asLong()))
                .orElse(OptionalLong.empty());
    }

    /**
     * {@return a pair as it stands in a file: key, type and value with their lengths, little-endian, in pieces that
     * follow each other}
     *
     * @param key a metadata key
     * @throws IllegalArgumentException if there is no such key
     */
    public List<ByteBuffer> pairBytes(String key) {
        Objects.requireNonNull(key, "key");
        MetadataValue value = get(key).orElseThrow(() -> new IllegalArgumentException("no key " + Escape.quote(key)));
        return List.of(KeyValueEncoder.encodeStart(key, value), value.byteBuffer());
    }

    /** {@return {@code general.architecture}, or an empty string where it is missing} */
    public String architecture() {
        return string("general.architecture").orElse("");
    }
}
