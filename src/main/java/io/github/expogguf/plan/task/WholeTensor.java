package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.TensorInfo;
import java.util.Objects;

/**
 * A tensor that an adapter holds as a whole, trained beside the factors: {@code weight * (tensor - base)} is added to
 * the base, so that a weight of 1 puts it in the place of the base's.
 *
 * @param model  number of the adapter among the inputs of a plan
 * @param tensor in the adapter, of the base's shape
 * @param weight of the adapter; its alpha and rank do not matter here
 */
public record WholeTensor(int model, TensorInfo tensor, float weight) implements AdapterChange {
    /** Refuses null. */
    public WholeTensor {
        Objects.requireNonNull(tensor, "tensor");
    }
}
