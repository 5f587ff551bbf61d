package io.github.expogguf;

/** NaN or infinity in an input tensor or in a result; the message names the tensor and the count. */
public final class NonFiniteException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     */
    public NonFiniteException(String message) {
        super(message);
    }
}
