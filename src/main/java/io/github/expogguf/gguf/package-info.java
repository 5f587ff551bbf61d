/** GGUF files: reading, writing, metadata and types. Plain Java; needs no native library. */
@NullMarked
package io.github.expogguf.gguf;

import org.jspecify.annotations.NullMarked;
