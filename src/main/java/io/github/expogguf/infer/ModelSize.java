package io.github.expogguf.infer;

import io.github.expogguf.gguf.TensorSpec;
import java.util.List;

/**
 * How large a model is. llama.cpp counts what files say alone, and nothing of a model that comes from none.
 *
 * @param weights elements of all tensors
 * @param bytes   of all tensors, without padding
 */
record ModelSize(long weights, long bytes) {

    static ModelSize of(List<TensorSpec> tensors) {
        long weights = 0;
        long bytes = 0;
        for (TensorSpec tensor : tensors) {
            weights = Math.addExact(weights, tensor.shape().elementCount());
            long rowBytes = tensor.type().rowBytes(tensor.shape().rowLength());
            bytes = Math.addExact(
                    bytes, Math.multiplyExact(rowBytes, tensor.shape().rowCount()));
        }
        return new ModelSize(weights, bytes);
    }
}
