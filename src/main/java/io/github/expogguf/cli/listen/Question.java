package io.github.expogguf.cli.listen;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.votes.AlphaPair;
import io.github.expogguf.search.votes.Verdict;
import io.github.expogguf.search.votes.Vote;

/**
 * Two answers to a prompt.
 *
 * @param number     of the question, which the page sends back, so that no vote is counted twice
 * @param isSwapped  whether the larger alpha is on the left
 * @param lowAnswer  that of the smaller alpha
 * @param highAnswer that of the larger
 */
record Question(
        int number, Prompt prompt, int seed, AlphaPair alphas, boolean isSwapped, Answer lowAnswer, Answer highAnswer) {

    Answer left() {
        return isSwapped ? highAnswer : lowAnswer;
    }

    Answer right() {
        return isSwapped ? lowAnswer : highAnswer;
    }

    /** Whether there is nothing to choose between. */
    boolean isIdentical() {
        return lowAnswer.text().equals(highAnswer.text());
    }

    Vote vote(Verdict verdict) {
        float left = isSwapped ? alphas.high() : alphas.low();
        float right = isSwapped ? alphas.low() : alphas.high();
        return isIdentical()
                ? Vote.identical(left, right, prompt.text(), seed)
                : Vote.of(left, right, verdict, prompt.text(), seed);
    }
}
