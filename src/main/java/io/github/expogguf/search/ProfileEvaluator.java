package io.github.expogguf.search;

import java.io.IOException;

/** Measures the model of a profile at an alpha. Called from one thread; may take long. */
@FunctionalInterface
public interface ProfileEvaluator {

    /**
     * Measures.
     *
     * @param profile how alpha is shared out among the tensors
     * @param alpha   weight of the delta, finite
     * @return what was measured with this profile at this alpha, as {@link Evaluator} has it
     * @throws IOException if what the evaluator needs cannot be read or written
     */
    Evaluation evaluate(AlphaProfile profile, float alpha) throws IOException;
}
