/**
 * How good a model's answers are: the answers themselves, scores of them (preference pairs, a reward model, the user's
 * judge), and guards that notice a model going astray. Builds on {@code infer} and, for pairs, on {@code run}.
 */
package io.github.expogguf.score;
