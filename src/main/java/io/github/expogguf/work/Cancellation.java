package io.github.expogguf.work;

import io.github.expogguf.CancelledException;

/**
 * Stops a run from another thread; the run then throws {@link CancelledException} and leaves nothing behind, unless it
 * is to be {@linkplain Unfinished#RESUME resumed}.
 */
public final class Cancellation {

    private volatile boolean cancelled;

    /** Nobody has asked for the stop yet. */
    public Cancellation() {}

    /** Asks for the stop; returns at once. */
    public void cancel() {
        cancelled = true;
    }

    /** Whether the stop was asked for. */
    public boolean isCancelled() {
        return cancelled;
    }

    /** Throws {@link CancelledException} if the stop was asked for. */
    public void check() {
        if (cancelled) {
            throw new CancelledException("cancelled");
        }
    }
}
