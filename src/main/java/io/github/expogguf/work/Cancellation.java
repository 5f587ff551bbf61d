package io.github.expogguf.work;

import io.github.expogguf.CancelledException;
import org.jspecify.annotations.Nullable;

/**
 * Stops a run from another thread; the run then throws {@link CancelledException} and leaves nothing behind, unless it
 * is to be {@linkplain Unfinished#RESUME resumed}.
 */
public final class Cancellation {

    private final @Nullable Cancellation parent;
    private volatile boolean cancelled;

    /** Nobody has asked for the stop yet. */
    public Cancellation() {
        this(null);
    }

    private Cancellation(@Nullable Cancellation parent) {
        this.parent = parent;
    }

    /** {@return one that is asked for when this is, and can be asked for alone} */
    public Cancellation child() {
        return new Cancellation(this);
    }

    /** Asks for the stop; returns at once. */
    public void cancel() {
        cancelled = true;
    }

    /** {@return whether the stop was asked for} */
    public boolean isCancelled() {
        return cancelled || (parent != null && parent.isCancelled());
    }

    /** Throws {@link CancelledException} if the stop was asked for. */
    public void check() {
        if (isCancelled()) {
            throw new CancelledException("cancelled");
        }
    }
}
