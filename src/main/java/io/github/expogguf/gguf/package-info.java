/** GGUF files: reading, writing, metadata and types. Plain Java; needs no native library. */
package io.github.expogguf.gguf;
