/** Finds and loads the llama.cpp libraries and routes their log. Knows the platforms; nothing else does. */
@NullMarked
package io.github.expogguf.nativelib;

import org.jspecify.annotations.NullMarked;
