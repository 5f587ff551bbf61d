package io.github.expogguf.thread;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Waits to the end, for what others use must not be freed before they are done with it. An interrupt is kept for the
 * caller.
 */
public final class Uninterrupted {

    private Uninterrupted() {}

    /**
     * Waits for a result.
     *
     * @param onInterrupt what an interrupt does, so that the work ends soon
     * @throws ExecutionException with what the work threw
     */
    public static <T> T get(Future<T> work, Runnable onInterrupt) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return work.get();
                } catch (InterruptedException _) {
                    interrupted = true;
                    onInterrupt.run();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for a thread to end. */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
