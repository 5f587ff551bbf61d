package io.github.expogguf;

/** A tensor type that cannot be read, or not be written, in the way that was asked for. */
public non-sealed class UnsupportedTypeException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     */
    public UnsupportedTypeException(String message) {
        super(message);
    }
}
