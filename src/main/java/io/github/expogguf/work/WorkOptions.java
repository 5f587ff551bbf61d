package io.github.expogguf.work;

/**
 * How work is done; none of it changes a result.
 *
 * @param threads      worker threads, 1 to {@value Threads#MAX}
 * @param listener     hears of progress
 * @param cancellation stops the work
 */
public record WorkOptions(int threads, Progress.Listener listener, Cancellation cancellation) {

    /** Checks the number. */
    public WorkOptions {
        Threads.check(threads);
    }

    /** On all cores, silent. */
    public static WorkOptions defaults() {
        return new WorkOptions(Threads.ofThisMachine(), progress -> {}, new Cancellation());
    }

    /** Same, on this many threads. */
    public WorkOptions withThreads(int value) {
        return new WorkOptions(value, listener, cancellation);
    }

    /** Same, reporting to this listener. */
    public WorkOptions withListener(Progress.Listener value) {
        return new WorkOptions(threads, value, cancellation);
    }

    /** Same, stopped by this. */
    public WorkOptions withCancellation(Cancellation value) {
        return new WorkOptions(threads, listener, value);
    }
}
