/** Elements of safetensors tensors, rearranged: which, what becomes of each, and how they are read. */
@NullMarked
package io.github.expogguf.convert.gather;

import org.jspecify.annotations.NullMarked;
