package io.github.expogguf.quant;

import java.util.Map;
import java.util.Optional;

/**
 * An importance matrix: for each tensor one weight per column, for stacked matrices one row of weights per expert. Immutable.
 */
public final class Imatrix {

    private final Map<String, float[]> weights;

    /** Copies the map, not the arrays. */
    public Imatrix(Map<String, float[]> weights) {
        this.weights = Map.copyOf(weights);
    }

    /** Weights of a tensor, {@code [experts, rowLength]}, finite. */
    public Optional<float[]> weights(String tensor) {
        return Optional.ofNullable(weights.get(tensor));
    }
}
