package io.github.expogguf;

/** A judge outside this process failed, or answered something else than one number for each answer. */
public final class JudgeException extends ExpoException {

    /** @param message what it did and what was expected */
    public JudgeException(String message) {
        super(message);
    }

    /** With what came up when talking to it. */
    public JudgeException(String message, Throwable cause) {
        super(message, cause);
    }
}
