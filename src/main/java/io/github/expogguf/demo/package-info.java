/**
 * The demonstration: extrapolates the miniature family that is bundled with the classes, lets llama.cpp answer
 * questions with each result, and measures the answers. Calls {@code run} and {@code infer} like any other Java
 * program.
 */
@NullMarked
package io.github.expogguf.demo;

import org.jspecify.annotations.NullMarked;
