package io.github.expogguf.gguf;

/**
 * A tensor with its data, for files that tests write.
 *
 * @param bytes little-endian blocks, exactly as many as type and shape say
 */
public record TensorData(String name, GgmlType type, Shape shape, byte[] bytes) {

    /** Name, type and shape. */
    public TensorSpec spec() {
        return new TensorSpec(name, type, shape);
    }
}
