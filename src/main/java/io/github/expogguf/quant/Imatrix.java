package io.github.expogguf.quant;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An importance matrix: for each tensor one weight per column, for stacked matrices one row of weights per expert.
 * Immutable.
 */
public final class Imatrix {

    private final Map<String, float[]> weights;
    private final Optional<Source> source;

    /**
     * Where an importance matrix was read from.
     *
     * @param fileName   name of the file, without directories
     * @param datasets   names of the texts it was computed on, as far as the file knows
     * @param chunkCount chunks of these texts; 0 where the file does not say
     * @param sha256     digest of the file, 64 hexadecimal digits
     */
    public record Source(String fileName, List<String> datasets, long chunkCount, String sha256) {

        /** Copies the list. */
        public Source {
            datasets = List.copyOf(datasets);
        }
    }

    /** Weights that come from no file. Copies the map, not the arrays. */
    public Imatrix(Map<String, float[]> weights) {
        this(weights, Optional.empty());
    }

    Imatrix(Map<String, float[]> weights, Optional<Source> source) {
        this.weights = Map.copyOf(weights);
        this.source = source;
    }

    /** Weights of a tensor, {@code [experts, rowLength]}, finite. */
    public Optional<float[]> weights(String tensor) {
        return Optional.ofNullable(weights.get(tensor));
    }

    /** The tensors it has weights for. */
    public Set<String> tensors() {
        return weights.keySet();
    }

    /** The file; empty if it was made in memory. */
    public Optional<Source> source() {
        return source;
    }
}
