/** What several tests share: small models, and llama.cpp's own quantizer as the oracle. */
package io.github.expogguf.testing;
