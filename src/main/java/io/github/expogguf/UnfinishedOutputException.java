package io.github.expogguf;

import java.nio.file.FileSystemException;

/**
 * There is a partial output: an earlier run left it, or the run that throws this leaves it. {@link #getFile} is the
 * partial file, {@link #getReason} says what it is about.
 */
public final class UnfinishedOutputException extends FileSystemException {

    private static final long serialVersionUID = 1L;

    /** Whether a run can go on from it. */
    private final boolean resumable;

    /**
     * A failure with what there is to know about it.
     *
     * @param partial   the partial file
     * @param reason    what was found or what failed
     * @param resumable whether a run that resumes can be expected to go on from it; else it can only be discarded
     */
    public UnfinishedOutputException(String partial, String reason, boolean resumable) {
        super(partial, null, reason);
        this.resumable = resumable;
    }

    /** {@return whether a run that resumes can be expected to go on from it; else it can only be discarded} */
    public boolean isResumable() {
        return resumable;
    }
}
