package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Finds the tokens of one vocabulary in another by their text. Bytes match bytes and placeholders match placeholders
 * only, whatever their text; between normal, user-defined, unknown and control tokens the kind makes no difference, as
 * alignment changes it. Of several tokens with one text the first matches the first, the second the second.
 */
public final class TokenMatch {

    /** Below this share of the aligned model's tokens the vocabularies have only chance in common. */
    private static final double MIN_SHARE = 0.5;

    private final TokenTexts sft;
    private final TokenTexts aligned;
    private final int[] rows;
    private final boolean[] taken; // by number in the SFT model

    private TokenMatch(TokenTexts sft, TokenTexts aligned) {
        this.sft = sft;
        this.aligned = aligned;
        this.rows = new int[aligned.count()];
        this.taken = new boolean[sft.count()];
        int same = 0; // at the beginning, where most vocabularies differ in nothing
        while (same < Math.min(rows.length, taken.length) && aligned.same(same, sft, same)) {
            same++;
        }
        TokenIndex rest = new TokenIndex(sft, same);
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i < same ? i : rest.take(aligned, i);
            if (rows[i] != TokenRows.NONE) {
                taken[rows[i]] = true;
            }
        }
    }

    /** How the vocabularies go together; empty if they are the same, or one model has none. */
    public static Optional<TokenMatch> of(Metadata sft, Metadata aligned) {
        Optional<MetadataValue> from = TokenTexts.list(sft);
        Optional<MetadataValue> to = TokenTexts.list(aligned);
        if (from.isEmpty() || to.isEmpty() || from.equals(to)) {
            return Optional.empty();
        }
        return Optional.of(
                new TokenMatch(TokenTexts.of(sft).get(), TokenTexts.of(aligned).get()));
    }

    /** Whether enough tokens are the same to extrapolate their rows. */
    public boolean isUsable() {
        return count() >= MIN_SHARE * rows.length;
    }

    public TokenRows rows() {
        return new TokenRows(rows);
    }

    TokenTexts sft() {
        return sft;
    }

    TokenTexts aligned() {
        return aligned;
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
        return aligned.select(numbers(rows.length, i -> rows[i] == TokenRows.NONE));
    }

    /** Tokens of the SFT model that the aligned model does not have. */
    List<String> onlyInSft() {
        return sft.select(numbers(taken.length, i -> !taken[i]));
    }

    private static int[] numbers(int end, IntPredicate which) {
        return IntStream.range(0, end).filter(which).toArray();
    }
}
