package io.github.expogguf.infer;

import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A text of which a part is scored: how likely does the model find these tokens after all that precede them?
 *
 * @param tokens      the whole text, at least two tokens; not copied, not to be modified
 * @param firstScored index of the first token that is scored, at least 1; all later ones are scored too
 */
public record Passage(int[] tokens, int firstScored) {

    /** Checks that something is scored. */
    public Passage {
        Objects.requireNonNull(tokens, "tokens");
        if (firstScored < 1 || firstScored >= tokens.length) {
            throw new IllegalArgumentException("firstScored is " + firstScored + ", expected 1 to "
                    + (tokens.length - 1) + " in a passage of " + tokens.length + " tokens");
        }
    }

    /**
     * {@return a prompt and what follows it, which is scored; both have at least one token}
     *
     * @param prompt       what is given
     * @param continuation what is scored
     */
    public static Passage of(int[] prompt, int[] continuation) {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(continuation, "continuation");
        int[] tokens = IntStream.concat(IntStream.of(prompt), IntStream.of(continuation))
                .toArray();
        return new Passage(tokens, prompt.length);
    }

    /** {@return the number of scored tokens} */
    public int scoredTokens() {
        return tokens.length - firstScored;
    }
}
