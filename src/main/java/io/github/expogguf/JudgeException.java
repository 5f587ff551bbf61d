package io.github.expogguf;

/** A judge outside this process failed, or answered something else than one number for each answer. */
public final class JudgeException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what it did and what was expected
     */
    public JudgeException(String message) {
        super(message);
    }

    /**
     * Of a failure to start it, write to it or read from it.
     *
     * @param message what it did and what was expected
     * @param cause   that failure
     */
    public JudgeException(String message, Throwable cause) {
        super(message, cause);
    }
}
