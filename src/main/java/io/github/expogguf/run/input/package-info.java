/** The files of the models, read once from the first byte to the last: digested, and handed to the workers. */
@NullMarked
package io.github.expogguf.run.input;

import org.jspecify.annotations.NullMarked;
