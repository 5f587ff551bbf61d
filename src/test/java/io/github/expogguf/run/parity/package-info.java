/** Outputs compared with those of llama_model_quantize, byte by byte. */
package io.github.expogguf.run.parity;
