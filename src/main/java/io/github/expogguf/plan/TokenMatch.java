package io.github.expogguf.plan;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the tokens of one vocabulary in another by their text. Bytes match bytes and placeholders match placeholders only,
 * whatever their text; between normal, user-defined, unknown and control tokens the kind makes no difference, as alignment
 * changes it. Of several tokens with one text the first matches the first, the second the second.
 */
final class TokenMatch {

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";

    /** Below this share of the aligned model's tokens the vocabularies have only chance in common. */
    private static final double MIN_SHARE = 0.5;

    private static final int UNUSED = 5; // LLAMA_TOKEN_TYPE_UNUSED in llama.h
    private static final int BYTE = 6; // LLAMA_TOKEN_TYPE_BYTE

    private final List<String> sft;
    private final List<String> aligned;
    private final int[] rows;
    private final boolean[] taken; // by number in the SFT model

    private TokenMatch(List<String> sft, List<String> aligned) {
        this.sft = sft;
        this.aligned = aligned;
        this.rows = new int[aligned.size()];
        this.taken = new boolean[sft.size()];
        Arrays.fill(rows, TokenRows.NONE);
        Map<String, List<Integer>> free = new HashMap<>();
        for (int i = taken.length - 1; i >= 0; i--) {
            free.computeIfAbsent(sft.get(i), _ -> new ArrayList<>()).add(i);
        }
        for (int i = 0; i < rows.length; i++) {
            List<Integer> candidates = free.getOrDefault(aligned.get(i), List.of());
            if (!candidates.isEmpty()) {
                rows[i] = candidates.removeLast();
                taken[rows[i]] = true;
            }
        }
    }

    /** How the vocabularies go together; empty if they are the same, or one model has none. */
    static Optional<TokenMatch> of(Metadata sft, Metadata aligned) {
        Optional<MetadataValue> from = tokens(sft);
        Optional<MetadataValue> to = tokens(aligned);
        return from.isEmpty() || to.isEmpty() || from.equals(to)
                ? Optional.empty()
                : Optional.of(new TokenMatch(keys(sft, from.get()), keys(aligned, to.get())));
    }

    /** Whether enough tokens are the same to extrapolate their rows. */
    boolean isUsable() {
        return count() >= MIN_SHARE * rows.length;
    }

    TokenRows rows() {
        return new TokenRows(rows);
    }

    int sftCount() {
        return taken.length;
    }

    int alignedCount() {
        return rows.length;
    }

    /** Tokens that both have. */
    int count() {
        return (int) Arrays.stream(rows).filter(row -> row != TokenRows.NONE).count();
    }

    /** Those of them that have other numbers. */
    int movedCount() {
        int moved = 0;
        for (int i = 0; i < rows.length; i++) {
            moved += rows[i] != TokenRows.NONE && rows[i] != i ? 1 : 0;
        }
        return moved;
    }

    /** Tokens of the aligned model that the SFT model does not have. */
    List<String> onlyInAligned() {
        List<String> only = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == TokenRows.NONE) {
                only.add(aligned.get(i).substring(1));
            }
        }
        return only;
    }

    /** Tokens of the SFT model that the aligned model does not have. */
    List<String> onlyInSft() {
        List<String> only = new ArrayList<>();
        for (int i = 0; i < taken.length; i++) {
            if (!taken[i]) {
                only.add(sft.get(i).substring(1));
            }
        }
        return only;
    }

    private static Optional<MetadataValue> tokens(Metadata metadata) {
        return metadata.get(TOKENS)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING);
    }

    /** The texts, each after a letter for its kind. */
    private static List<String> keys(Metadata metadata, MetadataValue tokens) {
        double[] types = metadata.get(TYPES)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType().isInteger())
                .map(MetadataValue::asDoubles)
                .orElse(new double[0]);
        List<String> texts = tokens.asStrings();
        List<String> keys = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            int type = i < types.length ? (int) types[i] : 1;
            keys.add((type == BYTE ? 'b' : type == UNUSED ? 'u' : 't') + texts.get(i));
        }
        return keys;
    }
}
