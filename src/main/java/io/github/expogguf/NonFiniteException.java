package io.github.expogguf;

/** NaN or infinity in an input tensor or in a result; the message names the tensor and the count. */
public final class NonFiniteException extends ExpoException {

    /** @param message what failed, where */
    public NonFiniteException(String message) {
        super(message);
    }
}
