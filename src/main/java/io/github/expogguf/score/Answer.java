package io.github.expogguf.score;

import java.util.Objects;

/**
 * What a model answered.
 *
 * @param prompt   what was asked
 * @param text     the answer without control tokens, and without white space around it
 * @param tokens   number of tokens of the answer, without the one that ended it; 0 for an empty answer
 * @param isCutOff whether the limit of tokens ended it and not the model
 */
public record Answer(Prompt prompt, String text, int tokens, boolean isCutOff) {

    /** Checks the number. */
    public Answer {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(text, "text");
        if (tokens < 0) {
            throw new IllegalArgumentException("tokens is " + tokens + ", expected 0 or more");
        }
    }
}
