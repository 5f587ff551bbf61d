package io.github.expogguf.search;

import java.io.IOException;

/** Measures the model at an alpha. Called from one thread; may take long. */
@FunctionalInterface
public interface Evaluator {

    /**
     * Measures.
     *
     * @param alpha weight of the delta, finite
     * @return scores of the same prompts, in the same order, whatever the alpha, sampled with the same seeds
     * @throws IOException if what the evaluator needs cannot be read or written
     */
    Evaluation evaluate(float alpha) throws IOException;

    /** {@return whether the scores say nothing of better or worse, so that no maximum of them is worth a search} */
    default boolean isUnjudged() {
        return false;
    }
}
