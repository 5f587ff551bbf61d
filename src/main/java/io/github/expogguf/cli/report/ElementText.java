package io.github.expogguf.cli.report;

import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The elements of an array one after the other, as text, without an object for each: there may be millions. */
final class ElementText {

    private final MetadataType type;
    private final ByteBuffer bytes;
    private final String quote;
    private long left;

    /** The first elements of an array, so many; with a quote on both sides of what is no number: NaN and infinities. */
    ElementText(MetadataValue array, long count, String quote) {
        type = array.elementType();
        bytes = array.byteBuffer();
        left = count;
        this.quote = quote;
    }

    boolean hasNext() {
        return left > 0;
    }

    boolean isOfStrings() {
        return type == MetadataType.STRING;
    }

    /** The next string; bytes that are not UTF-8 become replacement characters. */
    String nextString() {
        left--;
        byte[] characters = new byte[Math.toIntExact(bytes.getLong())];
        bytes.get(characters);
        return new String(characters, StandardCharsets.UTF_8);
    }

    /** Appends the next element, which is no string. */
    void appendNext(StringBuilder text) {
        left--;
        switch (type) {
            case BOOL -> text.append(bytes.get() != 0);
            case UINT8 -> text.append(bytes.get() & 0xFF);
            case INT8 -> text.append(bytes.get());
            case UINT16 -> text.append(bytes.getShort() & 0xFFFF);
            case INT16 -> text.append(bytes.getShort());
            case UINT32 -> text.append(bytes.getInt() & 0xFFFF_FFFFL);
            case INT32 -> text.append(bytes.getInt());
            case UINT64 -> text.append(Long.toUnsignedString(bytes.getLong()));
            case INT64 -> text.append(bytes.getLong());
            case FLOAT32 -> {
                float value = bytes.getFloat();
                text.append(quote(value)).append(value).append(quote(value));
            }
            case FLOAT64 -> {
                double value = bytes.getDouble();
                text.append(quote(value)).append(value).append(quote(value));
            }
            case STRING, ARRAY -> throw new IllegalStateException("elements of type " + type);
        }
    }

    private String quote(double value) {
        return Double.isFinite(value) ? "" : quote;
    }
}
