/**
 * How good a model's answers are: the answers themselves, scores of them (preference pairs, a reward model, the user's
 * judge), and guards that notice a model going astray. Builds on {@code infer} and, for pairs, on {@code run}.
 */
@NullMarked
package io.github.expogguf.score;

import org.jspecify.annotations.NullMarked;
