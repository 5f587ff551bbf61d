package io.github.expogguf.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
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
        checkCount(metadata.asMap().size(), GgufLimits.MAX_ENTRIES, "key/value pairs");
        checkCount(tensors.size(), GgufLimits.MAX_ENTRIES, "tensors");
        long length = FIXED_BYTES;
        for (Map.Entry<String, MetadataValue> pair : metadata.asMap().entrySet()) {
            if (isArrayOfStrings(pair.getValue())) {
                checkCount(pair.getValue().elementCount(), GgufLimits.MAX_STRINGS, "strings in an array");
            }
            length += pairLength(encodeKey(pair.getKey()), pair.getValue());
        }
        for (TensorInfo tensor : tensors) {
            int nameBytes = encodeName(tensor.name(), "tensor name", GgufLimits.MAX_TENSOR_NAME_BYTES).length;
            length += 8 + nameBytes + 4 + 8L * tensor.shape().dimensions().length + 4 + 8;
        }
        if (length > GgufLimits.maxHeaderBytes()) {
            throw new HeaderTooLargeException("header of " + length + " bytes, expected at most "
                    + GgufLimits.maxHeaderBytes() + "; " + GgufLimits.HEADER_PROPERTY + " allows more");
        }
        return length;
    }

    static byte[] encode(Metadata metadata, List<TensorInfo> tensors, int paddedBytes) {
        ByteBuffer out = ByteBuffer.allocate(paddedBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).putInt(VERSION);
        out.putLong(tensors.size()).putLong(metadata.asMap().size());
        metadata.asMap().forEach((key, value) -> putPair(out, encodeKey(key), value));
        for (TensorInfo tensor : tensors) {
            putString(out, encodeName(tensor.name(), "tensor name", GgufLimits.MAX_TENSOR_NAME_BYTES));
            long[] dimensions = tensor.shape().dimensions();
            out.putInt(dimensions.length);
            for (long dimension : dimensions) {
                out.putLong(dimension);
            }
            out.putInt(tensor.type().id()).putLong(tensor.offset());
        }
        return out.array();
    }

    static byte[] encodePair(String key, MetadataValue value) {
        byte[] name = encodeKey(key);
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(pairLength(name, value))).order(ByteOrder.LITTLE_ENDIAN);
        putPair(out, name, value);
        return out.array();
    }

    private static void putPair(ByteBuffer out, byte[] key, MetadataValue value) {
        putString(out, key);
        putValue(out, value);
    }

    private static long pairLength(byte[] key, MetadataValue value) {
        return 8 + key.length + valueLength(value);
    }

    private static byte[] encodeKey(String key) {
        return encodeName(key, "key", GgufLimits.MAX_KEY_BYTES);
    }

    private static long valueLength(MetadataValue value) {
        return 4 + value.bytesUncopied().length
                + switch (value.type()) {
                    case STRING -> 8;
                    case ARRAY -> 4 + 8;
                    default -> 0;
                };
    }

    private static void putValue(ByteBuffer out, MetadataValue value) {
        out.putInt(value.type().ordinal());
        switch (value.type()) {
            case STRING -> out.putLong(value.bytesUncopied().length);
            case ARRAY -> out.putInt(value.elementType().ordinal()).putLong(value.elementCount());
            default -> {}
        }
        out.put(value.bytesUncopied());
    }

    private static void putString(ByteBuffer out, byte[] characters) {
        out.putLong(characters.length).put(characters);
    }

    private static byte[] encodeName(String name, String what, int maxBytes) {
        ByteBuffer encoded;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
        } catch (CharacterCodingException unpaired) {
            throw new IllegalArgumentException(
                    what + " " + Escape.quote(name) + " has half a surrogate pair", unpaired);
        }
        if (encoded.remaining() < 1 || encoded.remaining() > maxBytes || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " " + Escape.quote(name) + " of " + encoded.remaining()
                    + " bytes, expected 1 to " + maxBytes + " without NUL");
        }
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private static boolean isArrayOfStrings(MetadataValue value) {
        return value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING;
    }

    private static void checkCount(long count, int max, String what) {
        if (count > max) {
            throw new HeaderTooLargeException(count + " " + what + ", expected at most " + max);
        }
    }
}
