package io.github.expogguf.thread;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Runs long calls of native code for virtual threads. A virtual thread that is in native code keeps its carrier, and as
 * many of them as there are cores would bring every other virtual thread of the process to a halt.
 */
public final class PlatformThreads {

    private static final long IDLE_SECONDS = 10;

    private static final ExecutorService THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), PlatformThreads::worker);

    private PlatformThreads() {}

    private static Thread worker(Runnable work) {
        return daemon("expo-gguf native calls", work);
    }

    /** A thread that does not keep the process or the class loader of its caller alive. */
    public static Thread daemon(String name, Runnable work) {
        Thread thread = Thread.ofPlatform().name(name).daemon().unstarted(work);
        thread.setContextClassLoader(PlatformThreads.class.getClassLoader());
        return thread;
    }

    /** Calls on the calling thread if it is a platform thread, else on one of the library's own, and waits. */
    public static <T> T call(Supplier<T> work) {
        return call(work, () -> {});
    }

    /**
     * Same; an interrupt of a virtual thread that waits is told, so that the work can be made to end soon, and the
     * thread is interrupted again when it has. Memory that native code uses cannot be left behind before.
     */
    public static <T> T call(Supplier<T> work, Runnable onInterrupt) {
        if (!Thread.currentThread().isVirtual()) {
            return work.get();
        }
        Future<T> result = THREADS.submit(work::get);
        try {
            return Uninterrupted.get(result, onInterrupt);
        } catch (ExecutionException e) {
            throw Failure.unchecked(e);
        }
    }
}
