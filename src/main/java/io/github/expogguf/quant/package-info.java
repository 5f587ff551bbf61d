/** Packed rows to floats and back: ggml over FFM, and SIMD code in Java. */
@NullMarked
package io.github.expogguf.quant;

import org.jspecify.annotations.NullMarked;
