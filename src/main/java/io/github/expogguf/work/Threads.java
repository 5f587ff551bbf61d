package io.github.expogguf.work;

/** How many threads may compute. */
public final class Threads {

    /** GGML_MAX_N_THREADS of ggml.h, 0.25.1; with more, what the system refuses is an assertion of ggml. */
    public static final int MAX = 512;

    private Threads() {}

    /** {@return the cores of this machine, as far as they can be used} */
    public static int ofThisMachine() {
        return Math.min(MAX, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Checks a number of threads.
     *
     * @param threads number of threads, at least 1
     * @throws IllegalArgumentException unless it is from 1 to {@link #MAX}
     */
    public static void check(int threads) {
        if (threads < 1 || threads > MAX) {
            throw new IllegalArgumentException("threads is " + threads + ", expected 1 to " + MAX);
        }
    }
}
