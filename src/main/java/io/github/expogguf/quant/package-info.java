/** Packed rows to floats and back: ggml over FFM, and SIMD code in Java. Importance matrices. */
@NullMarked
package io.github.expogguf.quant;

import org.jspecify.annotations.NullMarked;
