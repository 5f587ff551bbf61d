/** The files of an output: written beside their place, journaled, flushed, and moved there when they are complete. */
@NullMarked
package io.github.expogguf.run.output;

import org.jspecify.annotations.NullMarked;
