/** Packed rows to floats and back: ggml over FFM, and SIMD code in Java. Importance matrices. */
package io.github.expogguf.quant;
