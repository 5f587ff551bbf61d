/** The formula, as plain Java and as SIMD code over off-heap segments, and the line through checkpoints. */
@NullMarked
package io.github.expogguf.extrapolate;

import org.jspecify.annotations.NullMarked;
