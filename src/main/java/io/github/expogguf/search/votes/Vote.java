package io.github.expogguf.search.votes;

import java.util.Objects;

/**
 * What was said of two answers to one prompt.
 *
 * @param left    alpha of the answer on the left
 * @param right   alpha of the one on the right, another
 * @param verdict which is better
 * @param prompt  what was answered, as it was shown
 * @param seed    of both answers
 * @param isHeard whether somebody was asked; two answers that are the same to the letter are {@link Verdict#SAME}
 *                without a question
 */
public record Vote(float left, float right, Verdict verdict, String prompt, int seed, boolean isHeard) {

    /**
     * Checks that two models were compared.
     *
     * @throws IllegalArgumentException if they are the same, or somebody who was not asked preferred one
     */
    public Vote {
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(prompt, "prompt");
        if (!Float.isFinite(left) || !Float.isFinite(right) || left == right) {
            throw new IllegalArgumentException(
                    "a vote on alpha " + left + " and " + right + ", expected two different ones");
        }
        if (!isHeard && verdict != Verdict.SAME) {
            throw new IllegalArgumentException("nobody was asked, expected SAME, found " + verdict);
        }
    }

    /**
     * {@return a vote that somebody gave}
     *
     * @param left    alpha of the answer on the left
     * @param right   alpha of the one on the right
     * @param verdict which is better
     * @param prompt  what was answered
     * @param seed    of both answers
     */
    public static Vote of(float left, float right, Verdict verdict, String prompt, int seed) {
        return new Vote(left, right, verdict, prompt, seed, true);
    }

    /**
     * {@return what is said of two answers that are the same, without a question}
     *
     * @param left   one alpha
     * @param right  the other
     * @param prompt what was answered
     * @param seed   of both answers
     */
    public static Vote identical(float left, float right, String prompt, int seed) {
        return new Vote(left, right, Verdict.SAME, prompt, seed, false);
    }
}
