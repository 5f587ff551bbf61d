package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the key/value pairs of a header. */
final class MetadataReader {

    /** Length and one byte of key, type, one byte of value. */
    static final int MIN_BYTES = 8 + 1 + 4 + 1;

    private static final VarHandle LENGTH = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final HeaderSource source;
    private final Metadata known;
    private long strings; // in the arrays so far
    private int alignment = GgufLimits.DEFAULT_ALIGNMENT;

    /** @param known what a value that is the same is taken from, so that it is in memory once */
    MetadataReader(HeaderSource source, Metadata known) {
        this.source = source;
        this.known = known;
    }

    /** {@code general.alignment} of the pairs read, or its default. */
    int alignment() {
        return alignment;
    }

    Metadata read(int count) throws IOException {
        Map<String, MetadataValue> pairs = LinkedHashMap.newLinkedHashMap(count);
        for (int index = 0; index < count; index++) {
            source.subject("key " + index);
            String key = readName(source, "key", GgufLimits.MAX_KEY_BYTES, GgufLimits.WHOSE_KEYS);
            source.subject("key " + Escape.quote(key));
            if (pairs.containsKey(key)) {
                throw source.problem(0, "appears twice");
            }
            MetadataValue value = readValue(known.get(key));
            if (key.equals(GgufLimits.ALIGNMENT_KEY)) {
                alignment = checkAlignment(value);
            }
            pairs.put(key, value);
        }
        source.subject("");
        return new Metadata(pairs);
    }

    /** A key or a tensor name: 1 to {@code maxBytes} bytes of well-formed UTF-8 without NUL. */
    static String readName(HeaderSource source, String what, int maxBytes, String whoseLimit) throws IOException {
        int length = source.readLength(what);
        if (length == 0) {
            throw source.problem(8, what + " is empty");
        }
        if (length > maxBytes) {
            throw source.problem(
                    8, what + " of " + length + " bytes, expected at most " + maxBytes + ", " + whoseLimit);
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

    private MetadataValue readValue(Optional<MetadataValue> other) throws IOException {
        MetadataType type = readType("value type");
        Optional<MetadataValue> candidate = other.filter(value -> value.type() == type);
        return switch (type) {
            case STRING -> readString(candidate);
            case ARRAY -> readArray(candidate);
            case BOOL -> MetadataValue.scalar(type, checkBooleans(source.readBytes(1, "value")));
            default -> MetadataValue.scalar(type, source.readBytes(type.bytes(), "value"));
        };
    }

    private MetadataType readType(String what) throws IOException {
        int id = source.readInt(what);
        return MetadataType.byId(id)
                .orElseThrow(() -> source.problem(
                        4, "unknown " + what + " " + id + ", expected 0 to " + (MetadataType.values().length - 1)));
    }

    private MetadataValue readString(Optional<MetadataValue> candidate) throws IOException {
        int length = source.readLength("string");
        return candidate.isPresent() && candidate.get().byteCount() == length && isNext(candidate.get())
                ? candidate.get()
                : MetadataValue.owning(MetadataType.STRING, source.readBytes(length, "string"));
    }

    /** Whether the bytes that follow are a value's, and passes over them then. */
    private boolean isNext(MetadataValue value) throws IOException {
        return source.skipIfSame(value.bytesUncopied());
    }

    private MetadataValue readArray(Optional<MetadataValue> candidate) throws IOException {
        MetadataType elementType = readType("element type");
        if (elementType == MetadataType.ARRAY) {
            throw source.problem(4, "array of arrays, which ggml does not read either");
        }
        int elementBytes = elementType == MetadataType.STRING ? 8 : elementType.bytes();
        int count = source.readCount("array elements", elementBytes);
        if (elementType == MetadataType.STRING) {
            countStrings(count);
        }
        if (candidate.isPresent()
                && candidate.get().elementType() == elementType
                && candidate.get().elementCount() == count
                && isNext(candidate.get())) {
            return candidate.get();
        }
        byte[] bytes = elementType == MetadataType.STRING
                ? readStrings(count)
                : source.readBytes(count * elementBytes, "array");
        return MetadataValue.array(elementType, count, elementType == MetadataType.BOOL ? checkBooleans(bytes) : bytes);
    }

    private void countStrings(int count) {
        strings += count;
        if (strings > GgufLimits.maxStrings()) {
            throw source.problem(
                    8,
                    strings + " strings in arrays, expected at most " + GgufLimits.maxStrings() + "; "
                            + GgufLimits.wayOut(GgufLimits.STRINGS_PROPERTY, strings));
        }
    }

    /** Lengths and characters as they stand in the file, every length checked before anything is allocated. */
    private byte[] readStrings(int count) throws IOException {
        long start = source.position();
        for (int i = 0; i < count; i++) {
            source.skip(source.readLength("string"));
        }
        int length = Math.toIntExact(source.position() - start);
        source.moveTo(start);
        byte[] bytes = source.readBytes(length, "array");
        checkLengths(bytes, count);
        return bytes;
    }

    /** They were checked before, but the file may have been written to since. */
    private void checkLengths(byte[] bytes, int count) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            long length = bytes.length - at < 8 ? -1 : (long) LENGTH.get(bytes, at);
            if (length < 0 || length > bytes.length - at - 8) {
                at = -1;
                break;
            }
            at += 8 + (int) length;
        }
        if (at != bytes.length) {
            throw source.problem(bytes.length, "the strings changed while they were read");
        }
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
