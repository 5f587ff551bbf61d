/** llama.cpp in this process: load a model, tokenize, apply its chat template, generate. */
package io.github.expogguf.infer;
