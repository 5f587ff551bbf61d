/** Proves that a written file is what was planned. */
@NullMarked
package io.github.expogguf.verify;

import org.jspecify.annotations.NullMarked;
