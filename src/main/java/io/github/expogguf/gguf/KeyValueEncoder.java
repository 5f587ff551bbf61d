package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of a key and what stands between it and the bytes of its value, little-endian. */
final class KeyValueEncoder {

    private KeyValueEncoder() {}

    /** What stands before the bytes of a value. */
    static ByteBuffer encodeStart(String key, MetadataValue value) {
        byte[] name = encodeKey(key);
        ByteBuffer out = ByteBuffer.allocate(startLength(name, value)).order(ByteOrder.LITTLE_ENDIAN);
        putStart(out, name, value);
        return out.flip();
    }

    static int startLength(byte[] key, MetadataValue value) {
        return 8
                + key.length
                + 4
                + switch (value.type()) {
                    case STRING -> 8;
                    case ARRAY -> 4 + 8;
                    default -> 0;
                };
    }

    static byte[] encodeKey(String key) {
        return encodeName(key, "key", GgufLimits.MAX_KEY_BYTES, GgufLimits.WHOSE_KEYS);
    }

    static void putStart(ByteBuffer out, byte[] key, MetadataValue value) {
        putString(out, key);
        out.putInt(value.type().id());
        switch (value.type()) {
            case STRING -> out.putLong(value.byteCount());
            case ARRAY -> out.putInt(value.elementType().id()).putLong(value.elementCount());
            default -> {}
        }
    }

    static void putString(ByteBuffer out, byte[] characters) {
        out.putLong(characters.length).put(characters);
    }

    static byte[] encodeName(String name, String what, int maxBytes, String whoseLimit) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (!new String(bytes, StandardCharsets.UTF_8).equals(name)) { // what cannot be encoded was replaced
            throw new IllegalArgumentException(what + " " + Escape.quote(name) + " has half a surrogate pair");
        }
        if (bytes.length < 1 || bytes.length > maxBytes || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " " + Escape.quote(name) + " of " + bytes.length
                    + " bytes, expected 1 to " + maxBytes + " without NUL"
                    + (bytes.length > maxBytes ? ", " + whoseLimit : ""));
        }
        return bytes;
    }
}
