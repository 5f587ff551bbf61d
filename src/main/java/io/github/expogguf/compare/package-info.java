/** What lies between two checkpoints: numbers about their difference, and what they say of the pair. Pure: no I/O. */
package io.github.expogguf.compare;
