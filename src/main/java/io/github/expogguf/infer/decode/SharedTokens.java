package io.github.expogguf.infer.decode;

import io.github.expogguf.plan.pair.TokenRows;
import org.jspecify.annotations.Nullable;

/** The tokens of a model in another one, so that the logits of the two can be combined. */
public final class SharedTokens {

    private final int @Nullable [] rows; // by token of the model, its number in the other one, or TokenRows.NONE
    private final int @Nullable [] read; // the same for what the other one reads, where there always is a number
    private final int count;

    private SharedTokens(int @Nullable [] rows, int @Nullable [] read, int count) {
        this.rows = rows;
        this.read = read;
        this.count = count;
    }

    /** The same numbers in both. */
    public static SharedTokens same(int count) {
        return new SharedTokens(null, null, count);
    }

    /**
     * Others.
     *
     * @param rows by token, its number in the other model, or {@link TokenRows#NONE}
     * @param read the same for what the other model reads, where there always is a number
     */
    public static SharedTokens of(int[] rows, int[] read) {
        return new SharedTokens(rows, read, rows.length);
    }

    /** Tokens of the model. */
    public int count() {
        return count;
    }

    /** The number of a token in the other model, or {@link TokenRows#NONE}. */
    public int row(int token) {
        return rows == null ? token : rows[token];
    }

    /** The token that the other model reads where the model reads this. */
    public int read(int token) {
        return read == null ? token : read[token];
    }
}
