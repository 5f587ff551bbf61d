package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The bytes of a GGUF header, version 3, little-endian. */
final class HeaderEncoder {

    private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};
    private static final int VERSION = 3; // GGUF_VERSION in gguf.h
    private static final int FIXED_BYTES = 4 + 4 + 8 + 8;

    private HeaderEncoder() {}

    /**
     * Exact length without padding.
     *
     * @throws IllegalArgumentException if a name, a count or the whole is larger than readers accept
     */
    static long length(Metadata metadata, List<TensorInfo> tensors) {
        checkCount(metadata.asMap().size(), "key/value pairs", GgufLimits.maxPairs(), GgufLimits.ENTRIES_PROPERTY);
        checkCount(tensors.size(), "tensors", GgufLimits.maxTensors(), GgufLimits.ENTRIES_PROPERTY);
        long length = FIXED_BYTES;
        long strings = 0;
        for (Map.Entry<String, MetadataValue> pair : metadata.asMap().entrySet()) {
            if (isArrayOfStrings(pair.getValue())) {
                strings += pair.getValue().elementCount();
            }
            length += startLength(encodeKey(pair.getKey()), pair.getValue())
                    + pair.getValue().byteCount();
        }
        checkCount(strings, "strings in arrays", GgufLimits.maxStrings(), GgufLimits.STRINGS_PROPERTY);
        for (TensorInfo tensor : tensors) {
            int nameBytes = encodeTensorName(tensor.name()).length;
            length += 8 + nameBytes + 4 + 8L * tensor.shape().dimensions().length + 4 + 8;
        }
        if (length > GgufLimits.maxHeaderBytes()) {
            throw new HeaderTooLargeException(
                    "header of " + length + " bytes, expected at most " + GgufLimits.maxHeaderBytes() + "; "
                            + GgufLimits.wayOutOfBytes(GgufLimits.HEADER_PROPERTY, length));
        }
        return length;
    }

    /** Into memory that is zero. */
    static void encode(Metadata metadata, List<TensorInfo> tensors, ByteBuffer target) {
        ByteBuffer out = target.order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).putInt(VERSION);
        out.putLong(tensors.size()).putLong(metadata.asMap().size());
        metadata.asMap().forEach((key, value) -> {
            putStart(out, encodeKey(key), value);
            out.put(value.bytesUncopied());
        });
        for (TensorInfo tensor : tensors) {
            putString(out, encodeTensorName(tensor.name()));
            long[] dimensions = tensor.shape().dimensions();
            out.putInt(dimensions.length);
            for (long dimension : dimensions) {
                out.putLong(dimension);
            }
            out.putInt(tensor.type().id()).putLong(tensor.offset());
        }
    }

    /** What stands before the bytes of a value. */
    static ByteBuffer encodeStart(String key, MetadataValue value) {
        byte[] name = encodeKey(key);
        ByteBuffer out = ByteBuffer.allocate(startLength(name, value)).order(ByteOrder.LITTLE_ENDIAN);
        putStart(out, name, value);
        return out.flip();
    }

    private static int startLength(byte[] key, MetadataValue value) {
        return 8
                + key.length
                + 4
                + switch (value.type()) {
                    case STRING -> 8;
                    case ARRAY -> 4 + 8;
                    default -> 0;
                };
    }

    private static byte[] encodeKey(String key) {
        return encodeName(key, "key", GgufLimits.MAX_KEY_BYTES, GgufLimits.WHOSE_KEYS);
    }

    private static byte[] encodeTensorName(String name) {
        return encodeName(name, "tensor name", GgufLimits.MAX_TENSOR_NAME_BYTES, GgufLimits.WHOSE_NAMES);
    }

    private static void putStart(ByteBuffer out, byte[] key, MetadataValue value) {
        putString(out, key);
        out.putInt(value.type().id());
        switch (value.type()) {
            case STRING -> out.putLong(value.byteCount());
            case ARRAY -> out.putInt(value.elementType().id()).putLong(value.elementCount());
            default -> {}
        }
    }

    private static void putString(ByteBuffer out, byte[] characters) {
        out.putLong(characters.length).put(characters);
    }

    private static byte[] encodeName(String name, String what, int maxBytes, String whoseLimit) {
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

    private static boolean isArrayOfStrings(MetadataValue value) {
        return value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING;
    }

    private static void checkCount(long count, String what, int max, String property) {
        if (count > max) {
            throw new HeaderTooLargeException(
                    count + " " + what + ", expected at most " + max + "; " + GgufLimits.wayOut(property, count));
        }
    }
}
