package io.github.expogguf.cli.listen;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import java.io.IOException;

/** What answers at any alpha; asked by one thread. */
interface AnswerSource {

    /** The alpha that answers without any preparation; NaN if all are alike. */
    float readyAlpha();

    Answer answer(float alpha, Prompt prompt, int seed) throws IOException;
}
