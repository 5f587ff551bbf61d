/**
 * What all SIMD quantizers share: blocks side by side in the lanes of a vector, and the searches for their scales.
 */
@NullMarked
package io.github.expogguf.quant.lanes;

import org.jspecify.annotations.NullMarked;
