/** Pairs two models and decides type, rule and size of every output tensor. Pure: no I/O, no native calls. */
@NullMarked
package io.github.expogguf.plan;

import org.jspecify.annotations.NullMarked;
