/** A checkpoint in safetensors, seen as the GGUF that a converter would make of it. */
@NullMarked
package io.github.expogguf.convert;

import org.jspecify.annotations.NullMarked;
