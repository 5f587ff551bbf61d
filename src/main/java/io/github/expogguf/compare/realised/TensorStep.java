package io.github.expogguf.compare.realised;

import io.github.expogguf.gguf.GgmlType;
import java.util.Objects;

/**
 * What was to happen to one tensor, and what did.
 *
 * @param name        its name
 * @param alignedType its type in the aligned model
 * @param targetType  its type in the output
 * @param alpha       weight of the delta; 1 where that is 0 and only further differences are added
 * @param scale       weights of the tensor that each of those measured stands for; 1 where all were
 * @param sums        over the weights that were measured
 */
public record TensorStep(
        String name, GgmlType alignedType, GgmlType targetType, float alpha, double scale, StepSums sums) {
    /** Refuses null. */
    public TensorStep {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(alignedType, "alignedType");
        Objects.requireNonNull(targetType, "targetType");
        Objects.requireNonNull(sums, "sums");
    }
}
