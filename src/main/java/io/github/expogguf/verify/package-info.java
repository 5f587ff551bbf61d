/** Proves that a written file is what was planned. */
package io.github.expogguf.verify;
