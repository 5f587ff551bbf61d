/** The K types, Q2_K to Q6_K: a super-block of 256 elements with a scale, and often a minimum, for each sub-block. */
@NullMarked
package io.github.expogguf.quant.k;

import org.jspecify.annotations.NullMarked;
