package io.github.expogguf.gguf;

import java.util.Optional;

/**
 * Type of a metadata value ({@code gguf_type} in gguf.h); the order is that of the numbers in files.
 */
public enum MetadataType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(0),
    ARRAY(0),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private final int bytes;

    MetadataType(int bytes) {
        this.bytes = bytes;
    }

    /** The type with this number. */
    public static Optional<MetadataType> byId(int id) {
        return id < 0 || id >= values().length ? Optional.empty() : Optional.of(values()[id]);
    }

    /** The number in the file. */
    @SuppressWarnings("EnumOrdinal") // which is what byId goes by, too
    int id() {
        return ordinal();
    }

    /** Bytes of a value; 0 for strings and arrays, whose length varies. */
    public int bytes() {
        return bytes;
    }

    /** Whether this is one of the eight integer types. */
    public boolean isInteger() {
        return bytes > 0 && this != BOOL && !isFloat();
    }

    /** Whether this is FLOAT32 or FLOAT64. */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }
}
