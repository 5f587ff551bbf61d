package io.github.expogguf.cli.terminal;

import io.github.expogguf.work.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C does in a chat: it stops the work under way; while there is none, or pressed again, it ends the process
 * with 130. A process that ends for another reason, such as SIGTERM, stops its work and waits for it, too.
 */
public final class InterruptKey implements AutoCloseable {

    /** Work stops between two tokens, or two chunks of a tensor; what takes longer hangs. */
    private static final long PATIENCE_SECONDS = 10;

    private final Thread hook = new Thread(this::stopAndWait, "expo-gguf-chat-end");
    private @Nullable StoppableWork current; // guarded by this
    private boolean ending; // guarded by this

    public InterruptKey() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Something that can be stopped, until it is closed. */
    public final class StoppableWork implements AutoCloseable {

        private final Cancellation cancellation = new Cancellation();
        private final CountDownLatch finished = new CountDownLatch(1);

        private StoppableWork() {}

        public Cancellation cancellation() {
            return cancellation;
        }

        @Override
        public void close() {
            synchronized (InterruptKey.this) {
                current = null;
            }
            finished.countDown();
        }
    }

    /** Begins some work; there is one at a time. */
    public synchronized StoppableWork begin() {
        current = new StoppableWork();
        return current;
    }

    /** The key was pressed; on a thread of the JVM or of the terminal. */
    public void press() {
        synchronized (this) {
            if (current != null && !current.cancellation.isCancelled()) {
                current.cancellation.cancel();
                return;
            }
            if (ending) {
                Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code()); // the third time: whatever hangs, hangs
            }
            ending = true;
        }
        System.exit(ExitCode.INTERRUPTED.code());
    }

    private void stopAndWait() {
        StoppableWork work;
        synchronized (this) {
            ending = true;
            work = current;
        }
        if (work == null) {
            return;
        }
        work.cancellation.cancel();
        try {
            work.finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // the JVM is shutting down already
        }
    }
}
