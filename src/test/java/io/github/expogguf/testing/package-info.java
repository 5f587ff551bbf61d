/** What tests of several rooms share: small models, the trained pair, figures, and oracles made of llama.cpp. */
package io.github.expogguf.testing;
