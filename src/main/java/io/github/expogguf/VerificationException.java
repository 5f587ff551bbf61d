package io.github.expogguf;

/** A written file is not what it should be. */
public final class VerificationException extends ExpoException {

    /** @param message what failed, where */
    public VerificationException(String message) {
        super(message);
    }
}
