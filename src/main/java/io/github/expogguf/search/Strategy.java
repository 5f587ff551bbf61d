package io.github.expogguf.search;

/** Decides what to evaluate next, from what was evaluated so far and nothing else. */
sealed interface Strategy permits Grid, Bracketing, Approach {

    /** Whether scores decide nothing. */
    boolean isUnjudged();

    /** Most alphas that it will evaluate in all. */
    int mostEvaluations();

    /** What to do next. */
    Step next(Trials soFar);

    /** One more evaluation, or the end. */
    sealed interface Step {

        /** An alpha that was not evaluated yet. */
        record Evaluate(float alpha) implements Step {}

        /** There is nothing more to evaluate. */
        record Stop(SearchResult.End end) implements Step {}
    }
}
