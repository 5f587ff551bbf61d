package io.github.expogguf;

/** A prompt, a preference or a text to be scored that is not what it should be; the message names file and line. */
public final class PromptException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what is wrong, where
     */
    public PromptException(String message) {
        super(message);
    }
}
