package io.github.expogguf.demo;

/**
 * A held-out question.
 *
 * @param question as a user asks it
 * @param family   kind of question, such as {@code capital}
 * @param answer   right answer
 */
public record DemoPrompt(String question, String family, String answer) {}
