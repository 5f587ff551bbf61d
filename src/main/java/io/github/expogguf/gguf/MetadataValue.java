package io.github.expogguf.gguf;

import io.github.expogguf.text.Elements;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One metadata value, held as the bytes it has in the file, so that a value passes from file to file unchanged whatever
 * it holds (strings that are not UTF-8, NaN with a payload). Accessors decode on demand.
 */
public final class MetadataValue {

    private final MetadataType type;
    private final @Nullable MetadataType elementType; // null unless this is an array
    private final long elementCount; // 1 unless this is an array
    private final byte[] bytes;

    private MetadataValue(MetadataType type, @Nullable MetadataType elementType, long elementCount, byte[] bytes) {
        this.type = type;
        this.elementType = elementType;
        this.elementCount = elementCount;
        this.bytes = bytes;
    }

    /**
     * {@return a value as it stands in a file}
     *
     * @param type  any type but ARRAY
     * @param bytes little-endian value; for STRING the characters without their length
     */
    public static MetadataValue scalar(MetadataType type, byte[] bytes) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(bytes, "bytes");
        if (type == MetadataType.ARRAY || (type != MetadataType.STRING && type.bytes() != bytes.length)) {
            throw new IllegalArgumentException(bytes.length + " bytes for a value of type " + type);
        }
        if (type == MetadataType.BOOL && bytes[0] != 0 && bytes[0] != 1) {
            throw new IllegalArgumentException("bool with the byte " + (bytes[0] & 0xFF) + ", expected 0 or 1");
        }
        return owning(type, bytes.clone());
    }

    /** A value that keeps the bytes it is given, which nobody else may change; strings can be large. */
    static MetadataValue owning(MetadataType type, byte[] bytes) {
        return new MetadataValue(type, null, 1, bytes);
    }

    /**
     * An array as it stands in a file.
     *
     * @param elementType  any type but ARRAY
     * @param elementCount number of elements
     * @param bytes        little-endian elements; strings as 64-bit length and characters; not copied
     */
    static MetadataValue array(MetadataType elementType, long elementCount, byte[] bytes) {
        return new MetadataValue(MetadataType.ARRAY, elementType, elementCount, bytes);
    }

    /**
     * {@return a UINT32}
     *
     * @param value of whose bits the lowest 32 count
     */
    public static MetadataValue ofUint32(long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException(value + " is not an unsigned 32-bit number");
        }
        return ofInteger(MetadataType.UINT32, value);
    }

    /**
     * {@return an integer of the given type; higher bits are cut off}
     *
     * @param type  an integer type
     * @param value what it holds
     */
    public static MetadataValue ofInteger(MetadataType type, long value) {
        Objects.requireNonNull(type, "type");
        if (!type.isInteger()) {
            throw new IllegalArgumentException(type + " is not an integer type");
        }
        byte[] wide = little(8).putLong(value).array();
        return new MetadataValue(type, null, 1, Arrays.copyOf(wide, type.bytes()));
    }

    /**
     * {@return a FLOAT32}
     *
     * @param value what it holds
     */
    public static MetadataValue ofFloat32(float value) {
        return new MetadataValue(
                MetadataType.FLOAT32, null, 1, little(4).putFloat(value).array());
    }

    /**
     * {@return a FLOAT64}
     *
     * @param value what it holds
     */
    public static MetadataValue ofFloat64(double value) {
        return new MetadataValue(
                MetadataType.FLOAT64, null, 1, little(8).putDouble(value).array());
    }

    /**
     * {@return a BOOL}
     *
     * @param value what it holds
     */
    public static MetadataValue ofBoolean(boolean value) {
        return new MetadataValue(MetadataType.BOOL, null, 1, new byte[] {(byte) (value ? 1 : 0)});
    }

    /**
     * {@return a STRING, in UTF-8}
     *
     * @param value what it holds
     */
    public static MetadataValue ofString(String value) {
        Objects.requireNonNull(value, "value");
        return new MetadataValue(MetadataType.STRING, null, 1, value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * {@return an ARRAY of STRING, in UTF-8}
     *
     * @param values the elements, in their order
     */
    public static MetadataValue ofStrings(List<String> values) {
        Elements.require(values, "values");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String value : values) {
            byte[] characters = value.getBytes(StandardCharsets.UTF_8);
            out.writeBytes(little(8).putLong(characters.length).array());
            out.writeBytes(characters);
        }
        return array(MetadataType.STRING, values.size(), out.toByteArray());
    }

    /**
     * {@return an ARRAY of INT32}
     *
     * @param values the elements, in their order
     */
    public static MetadataValue ofInt32s(int... values) {
        Objects.requireNonNull(values, "values");
        byte[] bytes = new byte[Math.multiplyExact(4, values.length)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(values);
        return array(MetadataType.INT32, values.length, bytes);
    }

    /**
     * {@return an ARRAY of FLOAT32}
     *
     * @param values the elements, in their order
     */
    public static MetadataValue ofFloat32s(float... values) {
        Objects.requireNonNull(values, "values");
        byte[] bytes = new byte[Math.multiplyExact(4, values.length)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        return array(MetadataType.FLOAT32, values.length, bytes);
    }

    /**
     * {@return an ARRAY of FLOAT64}
     *
     * @param values the elements, in their order
     */
    public static MetadataValue ofFloat64s(double... values) {
        Objects.requireNonNull(values, "values");
        byte[] bytes = new byte[Math.multiplyExact(8, values.length)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
        return array(MetadataType.FLOAT64, values.length, bytes);
    }

    /**
     * {@return an ARRAY of UINT64}
     *
     * @param values the bits of the elements, in their order
     */
    public static MetadataValue ofUint64s(long... values) {
        Objects.requireNonNull(values, "values");
        byte[] bytes = new byte[Math.multiplyExact(8, values.length)];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
        return array(MetadataType.UINT64, values.length, bytes);
    }

    /** {@return the type of the value} */
    public MetadataType type() {
        return type;
    }

    /** {@return the type of the elements of an array} */
    public MetadataType elementType() {
        if (elementType == null) {
            throw new IllegalStateException("a value of type " + type + " has no elements");
        }
        return elementType;
    }

    /** {@return elements of an array; 1 for anything else} */
    public long elementCount() {
        return elementCount;
    }

    /** {@return the value's bytes in the file, without type, count or string length} */
    public byte[] bytes() {
        return bytes.clone();
    }

    byte[] bytesUncopied() {
        return bytes;
    }

    /** {@return whether this is an integer that {@link #asLong} returns exactly; UINT64 above 2^63 is not} */
    public boolean isInteger() {
        return type.isInteger() && !(type == MetadataType.UINT64 && little().getLong(0) < 0);
    }

    /** {@return the integer, widened by its own signedness} */
    public long asLong() {
        return integerAt(type, 0);
    }

    /** {@return the number as a double} */
    public double asDouble() {
        return numberAt(type, 0);
    }

    /** {@return the BOOL; anything but 0 is true, as in ggml} */
    public boolean asBoolean() {
        require(type == MetadataType.BOOL, "BOOL");
        return bytes[0] != 0;
    }

    /** {@return the STRING; bytes that are not UTF-8 become replacement characters} */
    public String asString() {
        require(type == MetadataType.STRING, "STRING");
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** {@return the elements of an array of integers} */
    public long[] asLongs() {
        require(type == MetadataType.ARRAY && elementType().isInteger(), "array of integers");
        return IntStream.range(0, (int) elementCount)
                .mapToLong(index -> integerAt(elementType(), index))
                .toArray();
    }

    /** {@return the elements of an array of numbers} */
    public double[] asDoubles() {
        require(
                type == MetadataType.ARRAY
                        && (elementType().isInteger() || elementType().isFloat()),
                "array of numbers");
        return IntStream.range(0, (int) elementCount)
                .mapToDouble(index -> numberAt(elementType(), index))
                .toArray();
    }

    /** {@return the elements of an array of strings} */
    public List<String> asStrings() {
        return asByteStrings().stream()
                .map(characters -> new String(characters, StandardCharsets.UTF_8))
                .toList();
    }

    /** {@return the elements of an array of strings, without a copy} */
    public StringElements stringElements() {
        require(type == MetadataType.ARRAY && elementType == MetadataType.STRING, "array of STRING");
        return new StringElements(bytes, (int) elementCount);
    }

    /** {@return the elements of an array of strings, undecoded} */
    public List<byte[]> asByteStrings() {
        require(type == MetadataType.ARRAY && elementType == MetadataType.STRING, "array of STRING");
        List<byte[]> strings = new ArrayList<>((int) elementCount);
        ByteBuffer buffer = little();
        for (long i = 0; i < elementCount; i++) {
            byte[] characters = new byte[(int) buffer.getLong()];
            buffer.get(characters);
            strings.add(characters);
        }
        return strings;
    }

    /**
     * {@return the first elements of an array, at most {@code limit}, each as a value of its own}
     *
     * @param limit most elements
     */
    public List<MetadataValue> elements(long limit) {
        require(type == MetadataType.ARRAY, "array");
        ByteBuffer buffer = little();
        return LongStream.range(0, Math.min(limit, elementCount))
                .mapToObj(_ -> nextElement(buffer))
                .toList();
    }

    /**
     * {@return an array of the first elements of an array of numbers or truth values; all of them if there are no more}
     *
     * @param count most elements
     */
    public MetadataValue firstElements(int count) {
        require(type == MetadataType.ARRAY && elementType().bytes() > 0, "array of numbers or truth values");
        return count >= elementCount
                ? this
                : array(
                        elementType(),
                        count,
                        Arrays.copyOf(
                                bytes, Math.multiplyExact(count, elementType().bytes())));
    }

    /** {@return the elements of an array, one after the other, each as a value of its own} */
    public Stream<MetadataValue> stream() {
        require(type == MetadataType.ARRAY, "array");
        ByteBuffer buffer = little();
        return LongStream.range(0, elementCount).mapToObj(_ -> nextElement(buffer));
    }

    /** {@return the same, without a copy: read-only and little-endian} */
    public ByteBuffer byteBuffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** {@return bytes of the value in the file, without type, count or string length} */
    public int byteCount() {
        return bytes.length;
    }

    /**
     * {@return the beginning of a STRING: what its first bytes hold, without a character that is cut in the middle}
     *
     * @param maxBytes most bytes of UTF-8
     */
    public String asString(int maxBytes) {
        require(type == MetadataType.STRING, "STRING");
        if (bytes.length <= maxBytes) {
            return asString();
        }
        int end = maxBytes;
        while (end > Math.max(0, maxBytes - 3) && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    private long integerAt(MetadataType integerType, int index) {
        ByteBuffer buffer = little();
        int at = index * integerType.bytes();
        return switch (integerType) {
            case UINT8 -> buffer.get(at) & 0xFFL;
            case INT8 -> buffer.get(at);
            case UINT16 -> buffer.getShort(at) & 0xFFFFL;
            case INT16 -> buffer.getShort(at);
            case UINT32 -> buffer.getInt(at) & 0xFFFF_FFFFL;
            case INT32 -> buffer.getInt(at);
            case UINT64, INT64 -> buffer.getLong(at);
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw wrongType("integer");
        };
    }

    private double numberAt(MetadataType numberType, int index) {
        return switch (numberType) {
            case FLOAT32 -> little().getFloat(4 * index);
            case FLOAT64 -> little().getDouble(8 * index);
            default -> integerAt(numberType, index);
        };
    }

    private void require(boolean holds, String expected) {
        if (!holds) {
            throw wrongType(expected);
        }
    }

    private IllegalStateException wrongType(String expected) {
        return new IllegalStateException("value is of type " + typeName() + ", expected " + expected);
    }

    private ByteBuffer little() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer little(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** {@return the name of the type, as in {@code UINT32} or {@code ARRAY[STRING]}} */
    public String typeName() {
        return elementType == null ? type.name() : "ARRAY[" + elementType + "]";
    }

    /** Same type and same bytes. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MetadataValue value
                && type == value.type
                && elementType == value.elementType
                && elementCount == value.elementCount
                && Arrays.equals(bytes, value.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * type.hashCode() + Arrays.hashCode(bytes);
    }

    /** The value for people, arrays cut after eight elements; not escaped. */
    @Override
    public String toString() {
        return switch (type) {
            case STRING -> asString();
            case BOOL -> Boolean.toString(asBoolean());
            case FLOAT32 -> Float.toString(little().getFloat(0));
            case FLOAT64 -> Double.toString(little().getDouble(0));
            case UINT64 -> Long.toUnsignedString(asLong());
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> Long.toString(asLong());
            case ARRAY -> arrayToString();
        };
    }

    private String arrayToString() {
        long shown = Math.min(8, elementCount);
        return elements(shown).stream()
                .map(MetadataValue::toString)
                .collect(
                        Collectors.joining(", ", "[", elementCount > shown ? ", … " + elementCount + " in all]" : "]"));
    }

    private MetadataValue nextElement(ByteBuffer buffer) {
        byte[] element = new byte
                [elementType == MetadataType.STRING
                        ? (int) buffer.getLong()
                        : elementType().bytes()];
        buffer.get(element);
        return owning(elementType(), element);
    }
}
