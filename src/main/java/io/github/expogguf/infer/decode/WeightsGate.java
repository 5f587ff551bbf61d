package io.github.expogguf.infer.decode;

/**
 * Keeps calls that compute with the weights of a model and changes of these weights apart: any number of calls at a
 * time, or one change. Neither waits for the other; what comes second is refused. Weights that a change left half
 * written are good for nothing but another change. Safe for any thread.
 */
public final class WeightsGate {

    private final String name;
    private int calls;
    private boolean changing;
    private boolean complete;
    private long changes;

    /**
     * @param name     of the model, for messages
     * @param complete whether the weights are there already
     */
    public WeightsGate(String name, boolean complete) {
        this.name = name;
        this.complete = complete;
    }

    /** A call that computes with the weights. */
    public final class Call implements AutoCloseable {

        private boolean ended;

        @Override
        public void close() {
            synchronized (WeightsGate.this) {
                if (!ended) {
                    ended = true;
                    calls--;
                }
            }
        }
    }

    /** Begins a call. */
    public synchronized Call beginCall() {
        if (changing) {
            throw new IllegalStateException(name + ": the weights are being changed");
        }
        if (!complete) {
            throw new IllegalStateException(
                    name + ": the weights are incomplete, because the last change of them failed or was cancelled");
        }
        calls++;
        return new Call();
    }

    /** Begins a change; the weights are incomplete from here on. */
    public synchronized void beginChange() {
        if (changing) {
            throw new IllegalStateException(name + ": the weights are being changed");
        }
        if (calls > 0) {
            throw new IllegalStateException(
                    name + ": the weights cannot be changed while a context of the model is in a call");
        }
        changing = true;
        complete = false;
        changes++;
    }

    /** Counts the changes; while it stays the same, what was computed with the weights stays true. */
    public synchronized long changes() {
        return changes;
    }

    /** Ends the change. */
    public synchronized void endChange(boolean isComplete) {
        changing = false;
        complete = isComplete;
    }
}
