/** What lies between two checkpoints: numbers about their difference, and what they say of the pair. Pure: no I/O. */
@NullMarked
package io.github.expogguf.compare;

import org.jspecify.annotations.NullMarked;
