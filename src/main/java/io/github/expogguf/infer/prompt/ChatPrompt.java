package io.github.expogguf.infer.prompt;

import java.util.Objects;

/**
 * What a model gets for a conversation.
 *
 * @param text   exactly what is sent, as text; the tokens that the tokenizer adds by their names
 * @param tokens the same as tokens; not copied, not to be modified
 * @param begin  who wrote the token that begins a text (BOS)
 * @param end    who wrote the token that ends a text (EOS) at the end; a prompt that an answer follows has none there
 *               unless the template writes it
 */
public record ChatPrompt(String text, int[] tokens, Writer begin, Writer end) {

    /** Who wrote a special token. */
    public enum Writer {
        /** The chat template. */
        TEMPLATE,
        /** The tokenizer, because the model's metadata asks for it. */
        TOKENIZER,
        /** Nobody: it is not there. */
        NOBODY
    }

    /** All parts are required. */
    public ChatPrompt {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(tokens, "tokens");
        Objects.requireNonNull(begin, "begin");
        Objects.requireNonNull(end, "end");
    }
}
