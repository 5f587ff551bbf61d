package io.github.expogguf.infer;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * An answer.
 *
 * @param text         what the tokens say, control tokens left out; as with llama.cpp's programs it may begin with a
 *                     space
 * @param tokens       the tokens of the answer, without the one that ended it
 * @param promptTokens tokens of the prompt
 * @param finishReason why it ended
 */
public record Generation(String text, List<Integer> tokens, int promptTokens, FinishReason finishReason) {

    /** Copies the list. */
    public Generation {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(finishReason, "finishReason");
        tokens = Elements.copy(tokens, "tokens");
    }

    /** Why an answer ended. */
    public enum FinishReason {
        /** The model produced a token that ends a generation. */
        END_OF_GENERATION,
        /** The limit of tokens was reached, or the context is full. */
        LENGTH,
        /** A stop string came; the text ends before it, the tokens with it. */
        STOP_STRING,
        /** The listener said so, or whoever reads closed the answer. */
        STOPPED
    }

    /** Hears an answer while it grows, on the thread that generates. */
    @FunctionalInterface
    public interface Listener {

        /**
         * One more token was generated.
         *
         * @param promptIndex index of the prompt in the call
         * @param text        whole characters that became known with the token; empty while a character is incomplete,
         *                    or may begin a stop string
         * @return whether to go on with this answer
         */
        boolean onText(int promptIndex, String text);
    }
}
