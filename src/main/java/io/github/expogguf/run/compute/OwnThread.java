package io.github.expogguf.run.compute;

import io.github.expogguf.CancelledException;
import io.github.expogguf.thread.Failure;
import io.github.expogguf.thread.Uninterrupted;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs work on a thread of its own while the caller waits. An interrupt of the caller then cancels the work; on the
 * caller's thread it would close the very file that is being read or written, and with it give up its lock.
 */
public final class OwnThread {

    private OwnThread() {}

    /** What is done. */
    @FunctionalInterface
    public interface Work<T> {

        /**
         * Does it.
         *
         * @param cancellation stops it: the one of the caller, or an interrupt
         */
        T run(Cancellation cancellation) throws IOException;
    }

    /**
     * Returns or throws what the work does. A caller that was interrupted, before or meanwhile, still is afterwards.
     *
     * @throws CancelledException if it was, or the cancellation was asked for, unless the work was done by then
     */
    public static <T> T run(Cancellation cancellation, Work<T> work) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancelledException("interrupted");
        }
        Cancellation own = cancellation.child();
        FutureTask<T> task = new FutureTask<>(() -> work.run(own));
        Thread.ofPlatform().name("expo-run").daemon().start(task);
        try {
            return Uninterrupted.get(task, own::cancel); // the work has to clean up before anybody goes on
        } catch (ExecutionException e) {
            throw Failure.of(e);
        }
    }
}
