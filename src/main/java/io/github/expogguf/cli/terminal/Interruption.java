package io.github.expogguf.cli.terminal;

import io.github.expogguf.work.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a run clean up when the process is told to end. A signal makes the JVM run its shutdown hooks; ours cancels the
 * run and waits for it, and the JVM then exits with 130 (SIGINT) or 143 (SIGTERM) by itself.
 */
final class Interruption implements AutoCloseable {

    /** Long enough to finish a flush to a slow disk; a hung disk must not keep the process for ever. */
    private static final long PATIENCE_SECONDS = 30;

    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::cancelAndWait, "expo-gguf-interruption");

    private Interruption() {}

    static Interruption install() {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    private void cancelAndWait() {
        cancellation.cancel();
        try {
            finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The run is over; the process may end. */
    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // the JVM is shutting down already, and the hook has just been released
        }
    }
}
