/** Which type a tensor of the output has, as llama-quantize chooses it (llama-quant.cpp). */
@NullMarked
package io.github.expogguf.plan.mixture;

import org.jspecify.annotations.NullMarked;
