/** The types with levels of their own: IQ4_NL, IQ4_XS, MXFP4, NVFP4, TQ1_0, TQ2_0. */
@NullMarked
package io.github.expogguf.quant.levels;

import org.jspecify.annotations.NullMarked;
