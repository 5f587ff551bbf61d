/** The types whose values are points of a codebook: IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S. */
@NullMarked
package io.github.expogguf.quant.grid;

import org.jspecify.annotations.NullMarked;
