package io.github.expogguf.plan.pair;

import io.github.expogguf.plan.pair.Strip.Span;

/**
 * Rows of a weight that are in one tensor in one layout, and in a part in the other ({@link TensorLayout}).
 *
 * @param part number of the part
 */
record Piece(int part, Span inPart, Span inJoined, boolean isTransposed) {}
