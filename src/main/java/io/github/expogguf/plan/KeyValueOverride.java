package io.github.expogguf.plan;

import io.github.expogguf.gguf.MetadataValue;

/**
 * {@code --override-kv KEY=TYPE:VALUE} of llama-quantize.
 *
 * @param key   metadata key
 * @param value its value in the output
 */
public record KeyValueOverride(String key, MetadataValue value) {

    /**
     * Parses {@code KEY=int:N}, {@code KEY=float:X}, {@code KEY=bool:true|false} or {@code KEY=str:TEXT}, with the metadata types
     * that llama_model_quantize writes: UINT32 of the absolute value, FLOAT32, BOOL, STRING.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static KeyValueOverride parse(String text) {
        int equals = text.indexOf('=');
        int colon = text.indexOf(':', equals + 1);
        if (equals < 1 || colon < 0) {
            throw new IllegalArgumentException("'" + text + "' is not KEY=TYPE:VALUE");
        }
        String key = text.substring(0, equals);
        String value = text.substring(colon + 1);
        return new KeyValueOverride(
                key,
                switch (text.substring(equals + 1, colon)) {
                    case "int" -> MetadataValue.ofUint32(Math.abs(Long.parseLong(value)));
                    case "float" -> MetadataValue.ofFloat32(Float.parseFloat(value));
                    case "bool" -> MetadataValue.ofBoolean(parseBoolean(value));
                    case "str" -> MetadataValue.ofString(value);
                    default -> throw new IllegalArgumentException("'" + text + "': the type is int, float, bool or str");
                });
    }

    private static boolean parseBoolean(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("'" + value + "' is neither true nor false");
        };
    }
}
