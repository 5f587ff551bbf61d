/** Finds and loads the llama.cpp libraries and routes their log. Knows the platforms; nothing else does. */
package io.github.expogguf.nativelib;
