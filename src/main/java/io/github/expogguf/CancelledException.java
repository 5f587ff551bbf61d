package io.github.expogguf;

/** The caller cancelled a run; nothing was left behind, unless the run was to be resumable. */
public final class CancelledException extends ExpoException {

    /** Whether the unfinished output was kept. */
    private final boolean resumable;

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     */
    public CancelledException(String message) {
        this(message, false);
    }

    /**
     * A failure with what there is to know about it.
     *
     * @param message   what failed, where
     * @param resumable whether the unfinished output was kept, so that another run can go on from it
     */
    public CancelledException(String message, boolean resumable) {
        super(message);
        this.resumable = resumable;
    }

    /** {@return whether the unfinished output was kept, so that another run can go on from it; the message names it} */
    public boolean isResumable() {
        return resumable;
    }
}
