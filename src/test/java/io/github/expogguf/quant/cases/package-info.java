/** What quantizers are tried on: weights and importance of every kind, and the smallest case in which bytes differ. */
package io.github.expogguf.quant.cases;
