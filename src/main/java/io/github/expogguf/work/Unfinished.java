package io.github.expogguf.work;

/** What to do with the partial output of a run that ended before it was done. */
public enum Unfinished {
    /** Write nothing and throw {@link io.github.expogguf.UnfinishedOutputException}. */
    REFUSE,
    /**
     * Go on with it, if it is of the same inputs and options; and if this run is cancelled or a disk fails, leave it
     * again.
     */
    RESUME,
    /** Remove it and start anew. */
    DISCARD
}
