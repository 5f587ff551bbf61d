/**
 * How llama.cpp loads a model: whether its header is safe for native code, files, the header alone as a file, and
 * tensors that are filled by others. Knows GGUF headers and the bindings, and nothing of what models are for.
 */
@NullMarked
package io.github.expogguf.infer.load;

import org.jspecify.annotations.NullMarked;
