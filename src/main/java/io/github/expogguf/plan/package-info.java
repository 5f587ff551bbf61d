/** Pairs two models and decides type, rule and size of every output tensor. Pure: no I/O, no native calls. */
package io.github.expogguf.plan;
