package io.github.expogguf.score;

import java.io.IOException;
import java.util.List;

/**
 * Says how good answers are; the more the better, in a unit of its own: a reward model, a
 * judge outside this process, or any function.
 */
@FunctionalInterface
public interface AnswerScorer {

    /**
     * Scores answers.
     *
     * @param answers of one model; may be empty
     * @return one finite number per answer, in the same order
     * @throws IOException if something outside this process fails
     */
    double[] score(List<Answer> answers) throws IOException;
}
