package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.GgmlType;
import java.util.Map;
import java.util.Objects;

/**
 * What quantizing changes: sums of the squares of the changes by those of the values.
 *
 * @param byTensor by number of the tensor and by type
 */
public record ErrorTable(Map<Integer, Map<GgmlType, Double>> byTensor) {

    /** The error of a tensor that was measured in this type. */
    public double of(int tensor, GgmlType type) {
        Map<GgmlType, Double> errors = Objects.requireNonNull(byTensor.get(tensor), "the tensor was not measured");
        return Objects.requireNonNull(errors.get(type), () -> "was not measured in " + type);
    }
}
