package io.github.expogguf;

/** A written file is not what it should be. */
public final class VerificationException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     */
    public VerificationException(String message) {
        super(message);
    }
}
