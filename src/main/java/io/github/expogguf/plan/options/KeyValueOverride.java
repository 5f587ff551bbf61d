package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.Objects;

/**
 * {@code --override-kv KEY=TYPE:VALUE} of llama-quantize.
 *
 * @param key   metadata key; not one that says where in the file things are, or how the file was made
 * @param value its value in the output, of type UINT32, FLOAT32, BOOL or STRING
 */
public record KeyValueOverride(String key, MetadataValue value) {

    /** Checks key and type. */
    public KeyValueOverride {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        if (key.isEmpty() || key.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a metadata key is empty or contains a zero");
        }
        if (key.equals("general.alignment") || key.startsWith("split.") || key.startsWith(RecipeKeys.PREFIX)) {
            throw new IllegalArgumentException(
                    Escape.quote(key) + " describes the file itself and cannot be overridden");
        }
        typeText(value);
    }

    /**
     * Parses {@code KEY=int:N}, {@code KEY=float:X}, {@code KEY=bool:true|false} or {@code KEY=str:TEXT}, with the
     * metadata types that llama_model_quantize writes: UINT32 of the absolute value, FLOAT32, BOOL, STRING.
     *
     * @param text an override in one of these forms
     * @return the override
     * @throws IllegalArgumentException if it is none of these
     */
    public static KeyValueOverride parse(String text) {
        Objects.requireNonNull(text, "text");
        int equals = text.indexOf('=');
        int colon = text.indexOf(':', equals + 1);
        if (equals < 1 || colon < 0) {
            throw new IllegalArgumentException(
                    Escape.quote(text) + " is not KEY=TYPE:VALUE, as in general.name=str:NAME");
        }
        String key = text.substring(0, equals);
        String value = text.substring(colon + 1);
        return new KeyValueOverride(
                key,
                switch (text.substring(equals + 1, colon)) {
                    case "int" -> MetadataValue.ofUint32(Math.abs(Long.parseLong(value)));
                    case "float" -> MetadataValue.ofFloat32(parseFloat(value));
                    case "bool" -> MetadataValue.ofBoolean(parseBoolean(value));
                    case "str" -> MetadataValue.ofString(value);
                    default ->
                        throw new IllegalArgumentException(
                                Escape.quote(text) + ": the type is int, float, bool or str");
                });
    }

    private static float parseFloat(String value) {
        float number = Float.parseFloat(value);
        Numbers.requireLargeEnough(value, number);
        return number;
    }

    private static boolean parseBoolean(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(Escape.quote(value) + " is neither true nor false");
        };
    }

    /** {@return the text that {@link #parse} reads} */
    public String text() {
        return key + "=" + typeText(value) + ":" + value;
    }

    private static String typeText(MetadataValue value) {
        return switch (value.type()) {
            case UINT32 -> "int";
            case FLOAT32 -> "float";
            case BOOL -> "bool";
            case STRING -> "str";
            default ->
                throw new IllegalArgumentException(
                        "an override is of type UINT32, FLOAT32, BOOL or STRING, not " + value.typeName());
        };
    }
}
