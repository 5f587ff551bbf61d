package io.github.expogguf.infer.token;

import io.github.expogguf.PromptException;
import io.github.expogguf.text.Words;

/** What is said of a text that has too few tokens for what it is for. */
public final class ShortText {

    private ShortText() {}

    /**
     * The refusal.
     *
     * @param name   where the text comes from
     * @param tokens that it has, those included that the model asks for before every text
     * @param least  that it should have
     * @param why    in brackets, or nothing
     */
    public static PromptException refusal(String name, String text, int tokens, int least, String why) {
        return new PromptException(
                text.isBlank()
                        ? name + ": the text is empty, expected at least " + least + " tokens" + why
                        : name + ": the text has " + Words.plural(tokens, "token") + ", expected at least " + least
                                + why);
    }
}
