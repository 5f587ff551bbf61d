package io.github.expogguf.imatrix;

import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An importance matrix: for each tensor one weight per column, for stacked matrices one row of weights per expert.
 * Immutable.
 */
public final class Imatrix {

    private static final int PART = 16 * 1024; // weights that are digested at once

    private final Map<String, float[]> weights;
    private final Map<String, Unasked> unasked;
    private final List<String> remarks;
    private final Optional<Source> source;
    private final Map<String, String> digests = new ConcurrentHashMap<>(); // as far as they were asked for

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
     * Parts of a tensor that no input was counted of.
     *
     * @param parts  how many
     * @param counts of how many, one per expert as a rule
     */
    record Unasked(int parts, int counts) {}

    /**
     * Weights that come from no file. Copies the map, not the arrays.
     *
     * @param weights importance of every column, by the names of tensors
     * @throws IllegalArgumentException if one is negative, infinite or NaN
     */
    public Imatrix(Map<String, float[]> weights) {
        this(weights, Map.of(), List.of(), Optional.empty());
        this.weights.forEach(Imatrix::requireUsable);
    }

    Imatrix(Map<String, float[]> weights, Map<String, Unasked> unasked, List<String> remarks, Optional<Source> source) {
        this.weights = Map.copyOf(Elements.require(weights, "weights"));
        this.unasked = Map.copyOf(unasked);
        this.remarks = List.copyOf(remarks);
        this.source = source;
    }

    private static void requireUsable(String tensor, float[] weights) {
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0 && weights[i] <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("importance " + i + " of tensor " + Escape.quote(tensor) + " is "
                        + weights[i] + ", expected a finite number from 0 up");
            }
        }
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
     * {@return the SHA-256 of the weights of a tensor as little-endian floats, 64 hexadecimal digits}
     *
     * @param tensor name of a tensor that it has weights for
     * @throws IllegalArgumentException if it has none
     */
    public String sha256(String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return digests.computeIfAbsent(
                tensor,
                _ -> digest(weights(tensor)
                        .orElseThrow(() ->
                                new IllegalArgumentException("there are no weights for " + Escape.quote(tensor)))));
    }

    private static String digest(float[] weights) {
        MessageDigest digest = Sha256.newDigest();
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * PART).order(ByteOrder.LITTLE_ENDIAN);
        for (int done = 0; done < weights.length; done += PART) {
            int count = Math.min(PART, weights.length - done);
            bytes.asFloatBuffer().put(weights, done, count);
            digest.update(bytes.array(), 0, Float.BYTES * count);
        }
        return Sha256.digits(digest);
    }

    /**
     * {@return matrices of a stack that no input reached, so that all of their weights are 1; 0 where that is not
     * known}
     *
     * @param tensor name of a tensor
     */
    public int unaskedExperts(String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return unaskedOf(tensor).parts();
    }

    /**
     * {@return how many parts of a tensor's weights have a count of their own, one per expert as a rule; 0 where that
     * is not known}
     *
     * @param tensor name of a tensor
     */
    public int counts(String tensor) {
        Objects.requireNonNull(tensor, "tensor");
        return unaskedOf(tensor).counts();
    }

    private Unasked unaskedOf(String tensor) {
        return unasked.getOrDefault(tensor, new Unasked(0, 0));
    }

    /** {@return what is odd about the file and was taken as it is, in words} */
    public List<String> remarks() {
        return remarks;
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
