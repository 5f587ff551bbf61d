package io.github.expogguf.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
            length += KeyValueEncoder.startLength(KeyValueEncoder.encodeKey(pair.getKey()), pair.getValue())
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
            KeyValueEncoder.putStart(out, KeyValueEncoder.encodeKey(key), value);
            out.put(value.bytesUncopied());
        });
        for (TensorInfo tensor : tensors) {
            KeyValueEncoder.putString(out, encodeTensorName(tensor.name()));
            long[] dimensions = tensor.shape().dimensions();
            out.putInt(dimensions.length);
            for (long dimension : dimensions) {
                out.putLong(dimension);
            }
            out.putInt(tensor.type().id()).putLong(tensor.offset());
        }
    }

    private static byte[] encodeTensorName(String name) {
        return KeyValueEncoder.encodeName(
                name, "tensor name", GgufLimits.MAX_TENSOR_NAME_BYTES, GgufLimits.WHOSE_NAMES);
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
