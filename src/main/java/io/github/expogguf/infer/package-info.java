/**
 * llama.cpp in this process: load a model, tokenize, write prompts by its chat template, generate. Calls the bindings;
 * knows GGUF headers, which it checks before native code sees a file, and nothing of planning or running.
 */
@NullMarked
package io.github.expogguf.infer;

import org.jspecify.annotations.NullMarked;
