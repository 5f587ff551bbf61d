package io.github.expogguf;

/** The llama.cpp libraries cannot be used; the message lists every place tried and why it failed. */
public final class NativeLibraryException extends ExpoException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     */
    public NativeLibraryException(String message) {
        super(message);
    }

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     * @param cause   the failure underneath
     */
    public NativeLibraryException(String message, Throwable cause) {
        super(message, cause);
    }
}
