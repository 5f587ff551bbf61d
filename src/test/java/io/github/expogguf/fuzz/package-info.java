/**
 * Fuzzing of everything that reads bytes of strangers. The targets are plain methods from bytes to nothing that throw
 * where a promise is broken, so that they compile and are replayed without a fuzzer; {@code make fuzz} drives them with
 * Jazzer.
 */
package io.github.expogguf.fuzz;
