package io.github.expogguf.gguf;

import java.util.Random;

/** Tensors with arbitrary bytes, which for the format is as good as any. */
public final class RandomTensors {

    private RandomTensors() {}

    /** A tensor whose data are random bytes, not sensible numbers. */
    public static TensorData of(Random random, String name, GgmlType type, Shape shape) {
        byte[] bytes = new byte[Math.toIntExact(type.rowBytes(shape.rowLength()) * shape.rowCount())];
        random.nextBytes(bytes);
        return new TensorData(name, type, shape, bytes);
    }
}
