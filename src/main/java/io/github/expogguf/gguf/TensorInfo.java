package io.github.expogguf.gguf;

import java.util.Objects;

/**
 * What a GGUF header says of one tensor.
 *
 * @param name   name, 1 to 63 bytes of UTF-8
 * @param type   type of its values
 * @param shape  dimensions; the row length is a multiple of the type's block size
 * @param offset byte offset in the data section of its file, a multiple of the alignment
 */
public record TensorInfo(String name, GgmlType type, Shape shape, long offset) {
    /** Refuses null. */
    public TensorInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
    }

    /** {@return bytes of a row} */
    public long rowBytes() {
        return type.rowBytes(shape.rowLength());
    }

    /** {@return bytes of all rows, without padding} */
    public long byteCount() {
        return Math.multiplyExact(rowBytes(), shape.rowCount());
    }
}
