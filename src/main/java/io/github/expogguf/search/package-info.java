/**
 * Finds the alpha at which the extrapolated model scores best. The search itself is pure: it sees alphas, scores and
 * guards, and asks an {@link io.github.expogguf.search.Evaluator} for more. May depend on {@code score} and below.
 */
@NullMarked
package io.github.expogguf.search;

import org.jspecify.annotations.NullMarked;
