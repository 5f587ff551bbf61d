/**
 * One step of a context through the layers: the batch it reads, the threads it takes, what ends it, the logits it
 * leaves and how those of other models go into them; and who owns llama.cpp's objects meanwhile. Knows the bindings,
 * and nothing of models, sampling or answers.
 */
@NullMarked
package io.github.expogguf.infer.decode;

import org.jspecify.annotations.NullMarked;
