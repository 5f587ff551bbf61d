package io.github.expogguf.gguf;

import java.util.Objects;

/**
 * A tensor that is to be written; its place in the file follows from those before it.
 *
 * @param name  name, 1 to 63 bytes of UTF-8
 * @param type  type of its values
 * @param shape dimensions, written as they are, trailing ones included
 */
public record TensorSpec(String name, GgmlType type, Shape shape) {
    /** Refuses null. */
    public TensorSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
    }

    /**
     * {@return the same tensor with another type}
     *
     * @param other a type whose blocks fit the rows
     */
    public TensorSpec withType(GgmlType other) {
        Objects.requireNonNull(other, "other");
        return new TensorSpec(name, other, shape);
    }

    /**
     * {@return what is to be written for a tensor that was read}
     *
     * @param tensor a tensor of an opened file
     */
    public static TensorSpec of(TensorInfo tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return new TensorSpec(tensor.name(), tensor.type(), tensor.shape());
    }
}
