/** The types of one scale, or a scale and a minimum, for 32 elements: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0. */
@NullMarked
package io.github.expogguf.quant.simple;

import org.jspecify.annotations.NullMarked;
