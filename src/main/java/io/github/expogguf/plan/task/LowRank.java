package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.TensorInfo;
import java.util.Objects;

/**
 * What an adapter adds to a tensor: {@code scale * left * right}, for stacked matrices one by one.
 *
 * @param model        number of the adapter among the inputs of a plan
 * @param left         rank values for every row of the tensor: {@code lora_b}, or {@code lora_a} of token embeddings
 * @param right        rank rows of the tensor's length: {@code lora_a}; of token embeddings {@code lora_b}, transposed
 * @param isTransposed whether {@code right} has rank values for every column instead
 * @param scale        weight * alpha / rank, or the weight where alpha is 0
 */
public record LowRank(int model, TensorInfo left, TensorInfo right, boolean isTransposed, float scale)
        implements AdapterChange {
    /** Refuses null. */
    public LowRank {
        Objects.requireNonNull(left, "left");
        Objects.requireNonNull(right, "right");
    }

    /** {@return the inner dimension of the product} */
    public long rank() {
        return left.shape().rowLength();
    }
}
