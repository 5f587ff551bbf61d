/** The formula, as plain Java and as SIMD code over off-heap segments. */
package io.github.expogguf.extrapolate;
