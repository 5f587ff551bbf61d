/** The way back: from blocks of every quantized type to floats, with SIMD. */
@NullMarked
package io.github.expogguf.quant.unpack;

import org.jspecify.annotations.NullMarked;
