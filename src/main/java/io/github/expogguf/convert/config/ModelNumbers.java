package io.github.expogguf.convert.config;

import io.github.expogguf.convert.rule.NumberSource;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.text.json.JsonNumber;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a template's header, and of a config.json.
 *
 * @param metadata of the template
 * @param config   what config.json holds, empty without one
 */
public record ModelNumbers(Metadata metadata, Map<String, @Nullable Object> config) implements NumberSource {

    /** Before the key of a number of config.json. */
    public static final String CONFIG = "config.";

    private static final String TEXT = "text_config"; // of models that see or hear

    @Override
    public OptionalDouble number(String name, int index) {
        if (name.startsWith(CONFIG)) {
            String key = name.substring(CONFIG.length());
            Object value = config.get(TEXT) instanceof Map<?, ?> text && text.containsKey(key)
                    ? text.get(key)
                    : config.get(key);
            return number(value, index);
        }
        return metadata.get(metadata.architecture() + "." + name)
                .map(value -> number(value, index))
                .orElse(OptionalDouble.empty());
    }

    private static OptionalDouble number(@Nullable Object value, int index) {
        return switch (value) {
            case JsonNumber number ->
                OptionalDouble.of(Double.parseDouble(number.text())); // infinite beyond the doubles
            case Boolean truth -> OptionalDouble.of(truth ? 1 : 0);
            case List<?> list
            when index < list.size() && !(list.get(index) instanceof List<?>) -> number(list.get(index), 0);
            case null, default -> OptionalDouble.empty();
        };
    }

    private static OptionalDouble number(MetadataValue value, int index) {
        if (value.type() == MetadataType.ARRAY) {
            MetadataType elements = value.elementType();
            return index < value.elementCount() && elements != MetadataType.STRING && elements != MetadataType.BOOL
                    ? number(value.elements(index + 1L).get(index), 0)
                    : OptionalDouble.empty();
        }
        if (value.isInteger()) {
            return OptionalDouble.of((double) value.asLong());
        }
        return value.type() == MetadataType.FLOAT32 || value.type() == MetadataType.FLOAT64
                ? OptionalDouble.of(value.asDouble())
                : OptionalDouble.empty();
    }
}
