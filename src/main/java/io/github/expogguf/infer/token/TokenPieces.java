package io.github.expogguf.infer.token;

import io.github.expogguf.infer.grammar.GrammarState;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The texts of all tokens of a vocabulary in the order of their bytes, so that beginnings are looked at once. */
public final class TokenPieces {

    private final byte[][] texts; // by token
    private final int[] ordered; // tokens

    /** @param texts of every token, empty for those that stand for none */
    public TokenPieces(byte[][] texts) {
        this.texts = texts;
        this.ordered = IntStream.range(0, texts.length)
                .boxed()
                .sorted(Comparator.comparing(token -> texts[token], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    public byte[] of(int token) {
        return texts[token];
    }

    /** Tokens with a text that may come next. */
    public BitSet allowed(GrammarState state) {
        BitSet found = new BitSet(texts.length);
        collect(state, 0, ordered.length, 0, found);
        return found;
    }

    /** @param depth bytes that the tokens from one place of the order to another have in common and that were read */
    private void collect(GrammarState state, int from, int to, int depth, BitSet found) {
        int start = from;
        while (start < to && texts[ordered[start]].length == depth) {
            if (depth > 0) {
                found.set(ordered[start]);
            }
            start++;
        }
        while (start < to) {
            byte next = texts[ordered[start]][depth];
            int end = start + 1;
            while (end < to && texts[ordered[end]][depth] == next) {
                end++;
            }
            @Nullable GrammarState after = state.afterByte(next);
            if (after != null) {
                collect(after, start, end, depth + 1, found);
            }
            start = end;
        }
    }
}
