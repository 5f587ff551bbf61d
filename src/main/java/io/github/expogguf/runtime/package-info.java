/** llama.cpp's libraries in this process: where they come from, what computes, what loading them changes. */
@NullMarked
package io.github.expogguf.runtime;

import org.jspecify.annotations.NullMarked;
