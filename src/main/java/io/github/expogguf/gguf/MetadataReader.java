package io.github.expogguf.gguf;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the key/value pairs of a header. */
final class MetadataReader {

    /** Length and one byte of key, type, one byte of value. */
    static final int MIN_BYTES = 8 + 1 + 4 + 1;

    private static final VarHandle LENGTH =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final HeaderSource source;
    private long strings; // in the arrays so far
    private int alignment = GgufLimits.DEFAULT_ALIGNMENT;

    MetadataReader(HeaderSource source) {
        this.source = source;
    }

    /** {@code general.alignment} of the pairs read, or its default. */
    int alignment() {
        return alignment;
    }

    Metadata read(int count) throws IOException {
        Map<String, MetadataValue> pairs = LinkedHashMap.newLinkedHashMap(count);
        for (int index = 0; index < count; index++) {
            source.subject("key " + index);
            String key = readName(source, "key", GgufLimits.MAX_KEY_BYTES);
            source.subject("key " + Escape.quote(key));
            if (pairs.containsKey(key)) {
                throw source.problem(0, "appears twice");
            }
            MetadataValue value = readValue();
            if (key.equals(GgufLimits.ALIGNMENT_KEY)) {
                alignment = checkAlignment(value);
            }
            pairs.put(key, value);
        }
        source.subject("");
        return new Metadata(pairs);
    }

    /** A key or a tensor name: 1 to {@code maxBytes} bytes of well-formed UTF-8 without NUL. */
    static String readName(HeaderSource source, String what, int maxBytes) throws IOException {
        int length = source.readLength(what);
        if (length == 0) {
            throw source.problem(8, what + " is empty");
        }
        if (length > maxBytes) {
            throw source.problem(8, what + " of " + length + " bytes, expected at most " + maxBytes);
        }
        byte[] bytes = source.readBytes(length, what);
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(name.getBytes(StandardCharsets.UTF_8), bytes)) { // what is malformed was replaced
            String shown = Escape.quote(new String(bytes, StandardCharsets.ISO_8859_1));
            throw source.problem(length, what + " " + shown + " is not UTF-8");
        }
        if (name.indexOf('\0') >= 0) {
            throw source.problem(length, what + " " + Escape.quote(name) + " contains a NUL byte");
        }
        return name;
    }

    private MetadataValue readValue() throws IOException {
        MetadataType type = readType("value type");
        return switch (type) {
            case STRING -> MetadataValue.owning(type, source.readBytes(source.readLength("string"), "string"));
            case ARRAY -> readArray();
            case BOOL -> MetadataValue.scalar(type, checkBooleans(source.readBytes(1, "value")));
            default -> MetadataValue.scalar(type, source.readBytes(type.bytes(), "value"));
        };
    }

    private MetadataType readType(String what) throws IOException {
        int id = source.readInt(what);
        return MetadataType.byId(id)
                .orElseThrow(() -> source.problem(4, "unknown " + what + " " + id + ", expected 0 to "
                        + (MetadataType.values().length - 1)));
    }

    private MetadataValue readArray() throws IOException {
        MetadataType elementType = readType("element type");
        if (elementType == MetadataType.ARRAY) {
            throw source.problem(4, "array of arrays, which ggml does not read either");
        }
        int elementBytes = elementType == MetadataType.STRING ? 8 : elementType.bytes();
        int count = source.readCount("array elements", elementBytes);
        byte[] bytes = elementType == MetadataType.STRING
                ? readStrings(count)
                : source.readBytes(count * elementBytes, "array");
        return MetadataValue.array(
                elementType, count, elementType == MetadataType.BOOL ? checkBooleans(bytes) : bytes);
    }

    /** Lengths and characters as they stand in the file, every length checked on the way. */
    private byte[] readStrings(int count) throws IOException {
        strings += count;
        if (strings > GgufLimits.maxStrings()) {
            throw source.problem(8, strings + " strings in arrays, expected at most " + GgufLimits.maxStrings() + "; "
                    + GgufLimits.STRINGS_PROPERTY + " allows more");
        }
        byte[] bytes = new byte[(int) Math.min(source.remaining(), 16L * count)];
        int end = 0;
        for (int i = 0; i < count; i++) {
            int length = source.readLength("string");
            int next = Math.addExact(end, 8 + length);
            if (next > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.max(next, Math.min(2L * next, next + source.remaining())));
            }
            LENGTH.set(bytes, end, (long) length);
            source.readInto(bytes, end + 8, length);
            end = next;
        }
        return end == bytes.length ? bytes : Arrays.copyOf(bytes, end);
    }

    private byte[] checkBooleans(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != 0 && bytes[i] != 1) {
                throw source.problem(bytes.length - i, "bool with the byte " + (bytes[i] & 0xFF) + ", expected 0 or 1");
            }
        }
        return bytes;
    }

    private int checkAlignment(MetadataValue value) {
        if (value.type() != MetadataType.UINT32) {
            throw source.problem(0, "value of type " + value.typeName() + ", expected UINT32");
        }
        if (!GgufLimits.isAlignment(value.asLong())) {
            throw source.problem(
                    4,
                    "alignment " + value.asLong() + ", expected a power of two from 1 to " + GgufLimits.MAX_ALIGNMENT);
        }
        return (int) value.asLong();
    }
}
