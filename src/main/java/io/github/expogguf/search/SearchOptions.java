package io.github.expogguf.search;

import io.github.expogguf.text.Numbers;
import java.util.List;

/**
 * Where to look, and what counts.
 *
 * @param alphas         a grid to evaluate whole; 0, the aligned model itself, is added. Empty lets the search bracket
 *                       the best alpha by itself
 * @param bounds         bounds on guards; an alpha outside of them cannot be the best
 * @param maxEvaluations most alphas that bracketing evaluates, at least 1; a grid is evaluated whole
 * @param maxAlpha       largest alpha that bracketing tries, more than 0
 * @param negative       whether bracketing also looks below 0, down to -1, which is the SFT model
 * @param holdout        whether only the even prompts (the first, the third, ...) decide, and the odd ones are kept to
 *                       report on: a maximum over noisy scores is too high on the prompts that chose it
 */
public record SearchOptions(
        List<Float> alphas,
        List<GuardBound> bounds,
        int maxEvaluations,
        float maxAlpha,
        boolean negative,
        boolean holdout) {

    /** Bracketing ends here unless it is told otherwise; the largest published alpha is 25. */
    public static final float DEFAULT_MAX_ALPHA = 32;

    /** Enough to walk up to {@link #DEFAULT_MAX_ALPHA} and to refine what was found. */
    public static final int DEFAULT_MAX_EVALUATIONS = 16;

    /** Checks the numbers and copies the lists. */
    public SearchOptions {
        alphas = List.copyOf(alphas);
        bounds = List.copyOf(bounds);
        for (float alpha : alphas) {
            Numbers.requireFinite(alpha, "alpha");
        }
        if (maxEvaluations < 1) {
            throw new IllegalArgumentException("maxEvaluations is " + maxEvaluations + ", expected at least 1");
        }
        if (!(maxAlpha > 0) || !Float.isFinite(maxAlpha)) {
            throw new IllegalArgumentException("maxAlpha is " + maxAlpha + ", expected more than 0 and finite");
        }
    }

    /** Bracketing without bounds, on all prompts. */
    public static SearchOptions bracketing() {
        return new SearchOptions(List.of(), List.of(), DEFAULT_MAX_EVALUATIONS, DEFAULT_MAX_ALPHA, false, false);
    }

    /** These alphas and 0, without bounds, on all prompts. */
    public static SearchOptions grid(Float... alphas) {
        return bracketing().withAlphas(List.of(alphas));
    }

    /** Same, on this grid; empty for bracketing. */
    public SearchOptions withAlphas(List<Float> value) {
        return new SearchOptions(value, bounds, maxEvaluations, maxAlpha, negative, holdout);
    }

    /** Same, within these bounds. */
    public SearchOptions withBounds(List<GuardBound> value) {
        return new SearchOptions(alphas, value, maxEvaluations, maxAlpha, negative, holdout);
    }

    /** Same, bracketing with at most this many evaluations. */
    public SearchOptions withMaxEvaluations(int value) {
        return new SearchOptions(alphas, bounds, value, maxAlpha, negative, holdout);
    }

    /** Same, bracketing up to this alpha. */
    public SearchOptions withMaxAlpha(float value) {
        return new SearchOptions(alphas, bounds, maxEvaluations, value, negative, holdout);
    }

    /** Same, bracketing below 0 too or not. */
    public SearchOptions withNegative(boolean value) {
        return new SearchOptions(alphas, bounds, maxEvaluations, maxAlpha, value, holdout);
    }

    /** Same, choosing on one half of the prompts and reporting on the other, or both on all. */
    public SearchOptions withHoldout(boolean value) {
        return new SearchOptions(alphas, bounds, maxEvaluations, maxAlpha, negative, value);
    }
}
