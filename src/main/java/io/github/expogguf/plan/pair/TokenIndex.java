package io.github.expogguf.plan.pair;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Finds tokens of a vocabulary, each once: of several with one text the first is found first. A table of numbers, eight
 * to twelve bytes for each token. Vocabularies may be a stranger's, so where a token stands depends on a number that is
 * drawn anew each time.
 */
final class TokenIndex {

    private static final int NONE = -1;

    private final TokenTexts texts;
    private final int from;
    private final long secret = new SplittableRandom().nextLong(1L << 60, (1L << 61) - 1);
    private final int[] heads;
    private final int[] next; // in the same place, by number less from

    /** @param from the first token that can be found */
    TokenIndex(TokenTexts texts, int from) {
        this.texts = texts;
        this.from = from;
        int count = texts.count() - from;
        this.heads = new int[Math.max(2, Integer.highestOneBit(Math.max(1, count)) << 1)];
        this.next = new int[count];
        Arrays.fill(heads, NONE);
        for (int token = texts.count() - 1; token >= from; token--) {
            int place = place(texts, token);
            next[token - from] = heads[place];
            heads[place] = token;
        }
    }

    private int place(TokenTexts vocabulary, int token) {
        return (int) vocabulary.hash(token, secret) & heads.length - 1;
    }

    /** The first token that is the same as another vocabulary's and was not taken yet, which it is now; or -1. */
    int take(TokenTexts vocabulary, int token) {
        int place = place(vocabulary, token);
        int before = NONE;
        int found = heads[place];
        while (found != NONE && !texts.same(found, vocabulary, token)) {
            before = found;
            found = next[found - from];
        }
        if (found != NONE && before == NONE) {
            heads[place] = next[found - from];
        } else if (found != NONE) {
            next[before - from] = next[found - from];
        }
        return found;
    }
}
