/** From tensors of open models to bytes of the output, chunk by chunk, on all threads. */
@NullMarked
package io.github.expogguf.run.compute;

import org.jspecify.annotations.NullMarked;
