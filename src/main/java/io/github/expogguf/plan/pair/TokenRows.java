package io.github.expogguf.plan.pair;

import io.github.expogguf.text.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;

/**
 * For every token of the aligned model the number of the same token in another model. Immutable.
 *
 * @see TokenMatch
 */
public final class TokenRows {

    /** In place of a number: the other model does not have the token. */
    public static final int NONE = -1;

    private final int[] rows;

    /** @param rows kept; nobody may change them */
    TokenRows(int[] rows) {
        this.rows = rows;
    }

    /**
     * Number of the token in the other model, or {@link #NONE}.
     *
     * @param token number in the aligned model; where it has no such token, there is none in the other
     */
    public int of(long token) {
        return token >= 0 && token < rows.length ? rows[(int) token] : NONE;
    }

    /** The tokens that another match has, too; for those that it has not, there is none. */
    public TokenRows where(TokenRows other) {
        int[] both = rows.clone();
        for (int i = 0; i < both.length; i++) {
            both[i] = other.of(i) == NONE ? NONE : both[i];
        }
        return new TokenRows(both);
    }

    /** As many tokens, each with its own number. */
    public TokenRows sameNumbers() {
        return new TokenRows(IntStream.range(0, rows.length).toArray());
    }

    /** Of the numbers, in 64 hexadecimal digits. */
    public String sha256() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Integer.BYTES, rows.length));
        bytes.asIntBuffer().put(rows);
        return Sha256.of(bytes.array());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenRows match && Arrays.equals(rows, match.rows);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(rows);
    }

    /** Short, and another one for other rows. */
    @Override
    public String toString() {
        return rows.length + " tokens, hash " + HexFormat.of().toHexDigits(hashCode());
    }
}
