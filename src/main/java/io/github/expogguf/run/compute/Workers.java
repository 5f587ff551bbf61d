package io.github.expogguf.run.compute;

import io.github.expogguf.thread.Failure;
import io.github.expogguf.thread.Uninterrupted;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs one job on several threads until it is done, fails or is cancelled; the first failure stops all and is thrown.
 */
public final class Workers {

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Cancellation cancellation;

    private Workers(Cancellation cancellation) {
        this.cancellation = cancellation;
    }

    /** What every worker does; it looks at {@link #stopped} between two pieces of work. */
    @FunctionalInterface
    public interface Job {
        public void run(Workers workers) throws IOException;
    }

    /**
     * Runs the job on every thread, and returns when all have ended.
     *
     * @throws io.github.expogguf.CancelledException if the cancellation was asked for
     */
    public static void run(WorkOptions how, String name, Job job) throws IOException {
        Workers workers = new Workers(how.cancellation());
        List<Thread> started = new ArrayList<>();
        try {
            for (int i = 0; i < how.threads() && !workers.stopped(); i++) {
                started.add(Thread.ofPlatform().name(name + "-" + i).daemon().start(() -> workers.runGuarded(job)));
            }
        } catch (Throwable e) { // the system has no more threads, and those that run use what the caller frees
            workers.fail(e);
        }
        started.forEach(Uninterrupted::join); // they use memory that the caller frees
        workers.rethrow();
        how.cancellation().check();
    }

    /** Whether to end before the work is done. */
    public boolean stopped() {
        return failure.get() != null || cancellation.isCancelled();
    }

    private void runGuarded(Job job) {
        try {
            job.run(this);
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void fail(Throwable e) {
        Throwable first = failure.compareAndExchange(null, e);
        if (first != null && !first.equals(e)) { // some failures are remembered and thrown again
            first.addSuppressed(e);
        }
    }

    private void rethrow() throws IOException {
        Throwable first = failure.get();
        if (first != null) {
            throw Failure.of(first);
        }
    }
}
