/**
 * SIMD code beside plain Java: whether there are vectors, which of two implementations serves while the JIT compiler
 * warms up, and the kernels for floats.
 */
@NullMarked
package io.github.expogguf.simd;

import org.jspecify.annotations.NullMarked;
