package io.github.expogguf.safetensors;

import java.util.List;

/**
 * A tensor of a checkpoint.
 *
 * @param shape dimensions as in PyTorch, the longest stride first; none for a single number
 * @param begin first byte in the data section of its file
 * @param bytes of its data
 * @param file  index in {@link Checkpoint#files}
 */
public record SafetensorsTensor(String name, SafetensorsType type, List<Long> shape, long begin, long bytes, int file) {

    /** Copies the list. */
    public SafetensorsTensor {
        shape = List.copyOf(shape);
    }

    /** Product of the dimensions. */
    public long elementCount() {
        return elementCount(shape);
    }

    /** Throws ArithmeticException beyond 2^63. */
    static long elementCount(List<Long> shape) {
        return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }
}
