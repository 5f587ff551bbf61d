package io.github.expogguf;

/** The caller cancelled a run; nothing was left behind. */
public final class CancelledException extends ExpoException {

    /** @param message what failed, where */
    public CancelledException(String message) {
        super(message);
    }
}
