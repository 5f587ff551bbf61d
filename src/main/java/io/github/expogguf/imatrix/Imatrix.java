package io.github.expogguf.imatrix;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * An importance matrix: for each tensor one weight per column, for stacked matrices one row of weights per expert.
 * Immutable.
 */
public final class Imatrix {

    private final Map<String, float[]> weights;
    private final Map<String, Integer> unaskedExperts;
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
            Objects.requireNonNull(fileName, "fileName");
            Elements.require(datasets, "datasets");
            Objects.requireNonNull(sha256, "sha256");
            datasets = Elements.copy(datasets, "datasets");
        }
    }

    /**
     * Weights that come from no file. Copies the map, not the arrays.
     *
     * @param weights importance of every column, by the names of tensors
     */
    public Imatrix(Map<String, float[]> weights) {
        this(weights, Map.of(), Optional.empty());
    }

    Imatrix(Map<String, float[]> weights, Map<String, Integer> unaskedExperts, Optional<Source> source) {
        this.weights = Map.copyOf(Elements.require(weights, "weights"));
        this.unaskedExperts = Map.copyOf(unaskedExperts);
        this.source = source;
    }

    /**
     * {@return weights of a tensor, {@code [experts, rowLength]}, finite}
     *
     * @param tensor name of a tensor
     */
    public Optional<float[]> weights(String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return Optional.ofNullable(weights.get(tensor));
    }

    /**
     * {@return matrices of a stack that no input reached, so that all of their weights are 1; 0 where that is not
     * known}
     *
     * @param tensor name of a tensor
     */
    public int unaskedExperts(String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return unaskedExperts.getOrDefault(tensor, 0);
    }

    /** {@return the tensors it has weights for} */
    public Set<String> tensors() {
        return weights.keySet();
    }

    /** {@return the file; empty if it was made in memory} */
    public Optional<Source> source() {
        return source;
    }
}
