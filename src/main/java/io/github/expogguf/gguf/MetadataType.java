package io.github.expogguf.gguf;

import java.util.Optional;

/**
 * Type of a metadata value ({@code gguf_type} in gguf.h); the order is that of the numbers in files.
 */
public enum MetadataType {
    /** An unsigned integer of 8 bits, little-endian. */
    UINT8(1),
    /** A signed integer of 8 bits, little-endian. */
    INT8(1),
    /** An unsigned integer of 16 bits, little-endian. */
    UINT16(2),
    /** A signed integer of 16 bits, little-endian. */
    INT16(2),
    /** An unsigned integer of 32 bits, little-endian. */
    UINT32(4),
    /** A signed integer of 32 bits, little-endian. */
    INT32(4),
    /** An IEEE 754 float of 32 bits, little-endian. */
    FLOAT32(4),
    /** A byte, 0 or 1. */
    BOOL(1),
    /** UTF-8, its length in bytes before it. */
    STRING(0),
    /** Values of one type, which may be arrays again. */
    ARRAY(0),
    /** An unsigned integer of 64 bits, little-endian. */
    UINT64(8),
    /** A signed integer of 64 bits, little-endian. */
    INT64(8),
    /** An IEEE 754 float of 64 bits, little-endian. */
    FLOAT64(8);

    private final int bytes;

    MetadataType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return the type with this number}
     *
     * @param id number of the type, {@code gguf_type} of gguf.h
     */
    public static Optional<MetadataType> byId(int id) {
        return id < 0 || id >= values().length ? Optional.empty() : Optional.of(values()[id]);
    }

    /** The number in the file. */
    @SuppressWarnings("EnumOrdinal") // which is what byId goes by, too
    int id() {
        return ordinal();
    }

    /** {@return bytes of a value; 0 for strings and arrays, whose length varies} */
    public int bytes() {
        return bytes;
    }

    /** {@return whether this is one of the eight integer types} */
    public boolean isInteger() {
        return bytes > 0 && this != BOOL && !isFloat();
    }

    /** {@return whether this is FLOAT32 or FLOAT64} */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }
}
