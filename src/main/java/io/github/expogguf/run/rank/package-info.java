/**
 * The first directions of deltas: factors of every matrix, for adapters and for a step of few directions, and the one
 * that all checkpoints of a training run follow.
 */
@NullMarked
package io.github.expogguf.run.rank;

import org.jspecify.annotations.NullMarked;
