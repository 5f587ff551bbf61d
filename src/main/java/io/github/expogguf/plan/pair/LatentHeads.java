package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Strip.Span;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Attention with latent keys and values (MLA). Converters until April 2025 wrote what unfolds them as it is trained, in
 * one matrix {@code attn_kv_b} of {@code [rank, heads * (keys + values)]}; later ones in two, {@code attn_k_b} of
 * {@code [keys, rank, heads]}, transposed, and {@code attn_v_b} of {@code [rank, values, heads]}
 * (conversion/deepseek.py, src/models/deepseek2.cpp, v0.5.0). With the two goes other metadata: the lengths of keys and
 * values, and how many heads they have, are those of the latent vector, and the trained ones have keys of their own.
 *
 * @param heads  heads of the attention
 * @param rank   length of the latent vector
 * @param keys   length of a key without the part that is rotated
 * @param values length of a value
 */
record LatentHeads(long heads, long rank, long keys, long values) {

    private static final String KEY_LENGTH = "attention.key_length";
    private static final String VALUE_LENGTH = "attention.value_length";
    private static final String KEY_VALUE_HEADS = "attention.head_count_kv";
    private static final String TRAINED = "_mla";
    private static final String SLIDING = "_swa";

    /** Of the two matrices. */
    static LatentHeads of(TensorInfo keyMatrices, TensorInfo valueMatrices) {
        return new LatentHeads(
                keyMatrices.shape().dimension(2),
                keyMatrices.shape().dimension(1),
                keyMatrices.shape().rowLength(),
                valueMatrices.shape().dimension(1));
    }

    static List<Piece> pieces(TensorInfo joined, TensorInfo keyMatrices, TensorInfo valueMatrices) {
        LatentHeads found = of(keyMatrices, valueMatrices);
        long rows = joined.shape().rowCount();
        boolean fits = joined.shape().rowLength() == found.rank
                && valueMatrices.shape().rowLength() == found.rank
                && valueMatrices.shape().dimension(2) == found.heads
                && keyMatrices.shape().dimension(3) == 1
                && valueMatrices.shape().dimension(3) == 1
                && found.keys <= rows
                && found.values <= rows
                && rows % (found.keys + found.values) == 0
                && rows / (found.keys + found.values) == found.heads;
        return fits ? found.pieces() : List.of();
    }

    private List<Piece> pieces() {
        long head = keys + values;
        return List.of(
                new Piece(0, new Span(0, rank, rank, heads), new Span(0, head, keys, heads), true),
                new Piece(1, new Span(0, values, values, heads), new Span(keys, head, values, heads), false));
    }

    /** The keys of hyper-parameters whose values in both models follow from these heads and the layout. */
    Set<String> consistentKeys(Metadata sft, Metadata aligned) {
        Set<String> consistent = new HashSet<>();
        for (String key : List.of(KEY_LENGTH, VALUE_LENGTH, KEY_VALUE_HEADS)) {
            for (String suffix : key.equals(KEY_VALUE_HEADS) ? List.of("") : List.of("", TRAINED, SLIDING)) {
                if (follows(sft, key, suffix) && follows(aligned, key, suffix)) {
                    consistent.add(aligned.architecture() + "." + key + suffix);
                }
            }
        }
        return consistent;
    }

    private boolean follows(Metadata metadata, String key, String suffix) {
        String prefix = metadata.architecture() + ".";
        Optional<MetadataValue> value = metadata.get(prefix + key + suffix);
        if (key.equals(KEY_VALUE_HEADS)) {
            return value.isEmpty() || areKeyValueHeads(value.get());
        }
        if (value.isEmpty()) {
            return !suffix.isEmpty(); // an older file, or one without a sliding window
        }
        long rotated = key.equals(KEY_LENGTH)
                ? metadata.integer(prefix + "rope.dimension_count").orElse(0)
                : 0;
        long trained = rotated + (key.equals(KEY_LENGTH) ? keys : values);
        OptionalLong length = metadata.integer(prefix + key + suffix);
        return length.isPresent()
                && (length.getAsLong() == trained || (length.getAsLong() == rotated + rank && !suffix.equals(TRAINED)));
    }

    /** One number or one per layer, 0 where a layer has another kind of attention. */
    private boolean areKeyValueHeads(MetadataValue value) {
        double[] counts = {};
        if (value.isInteger()) {
            counts = new double[] {value.asDouble()};
        } else if (value.type() == MetadataType.ARRAY && value.elementType().isInteger()) {
            counts = value.asDoubles();
        }
        return counts.length > 0 && Arrays.stream(counts).allMatch(count -> count == 0 || count == 1 || count == heads);
    }
}
