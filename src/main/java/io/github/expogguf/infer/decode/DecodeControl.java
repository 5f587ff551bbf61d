package io.github.expogguf.infer.decode;

import io.github.expogguf.CancelledException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.ggml_abort_callback;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.text.Words;
import io.github.expogguf.thread.PlatformThreads;
import io.github.expogguf.work.ComputeThreads;
import io.github.expogguf.work.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How many threads a context computes on, and what ends a step before its time. One per context. */
public final class DecodeControl {

    private static final AtomicBoolean TOLD_OF_FEW_CORES = new AtomicBoolean();

    private final MemorySegment context;
    private final boolean isShared; // takes its threads from the budget of the process
    private final int most;
    private final Arena arena = Arena.ofShared();
    private int current; // threads that llama.cpp was told
    private volatile BooleanSupplier stop = () -> false;
    private volatile boolean stopped;

    /**
     * Takes hold of a new context.
     *
     * @param isShared whether it takes its threads from the budget of the process
     * @param threads  the most of such a share, or else as many as it always has
     */
    public DecodeControl(MemorySegment context, boolean isShared, int threads) {
        this.context = context;
        this.isShared = isShared;
        this.most = threads;
        if (!isShared) {
            tellOfFewCores(threads);
        }
        Llama.llama_set_abort_callback(
                context, ggml_abort_callback.allocate(_ -> isStopped(), arena), MemorySegment.NULL);
    }

    /** Once: llama.cpp's threads wait for each other without giving their core away. */
    private static void tellOfFewCores(int threads) {
        int cores = Threads.ofThisMachine();
        if (threads > cores && !TOLD_OF_FEW_CORES.getAndSet(true)) {
            System.getLogger(NativeLog.LOGGER)
                    .log(
                            System.Logger.Level.WARNING,
                            threads + " threads on " + Words.plural(cores, "core") + " are slower than " + cores
                                    + ": they wait for each other");
        }
    }

    /** What llama.cpp asks after every operation, through which nothing may be thrown. */
    private boolean isStopped() {
        try {
            stopped |= stop.getAsBoolean();
        } catch (Throwable _) {
            stopped = true;
        }
        return stopped;
    }

    /** Begins a call of the context, for as long as which it counts as one who computes. */
    public ComputeThreads.@Nullable Member join() {
        return isShared ? ComputeThreads.ofThisProcess().join() : null;
    }

    /**
     * Runs a step, when there are threads for it. The step ends soon after {@code stop} is true or the calling thread
     * is interrupted.
     */
    <T> T run(ComputeThreads.@Nullable Member member, BooleanSupplier stop, Supplier<T> step) {
        Thread caller = Thread.currentThread();
        stopped = false;
        this.stop = () -> caller.isInterrupted() || stop.getAsBoolean();
        try (ComputeThreads.@Nullable Turn turn = member == null ? null : member.take(most)) {
            int threads = turn == null ? most : turn.threads();
            return PlatformThreads.call(
                    () -> {
                        setThreads(threads);
                        return step.get();
                    },
                    () -> stopped = true);
        } catch (InterruptedException _) {
            caller.interrupt();
            throw new CancelledException("interrupted");
        } finally {
            this.stop = () -> false;
        }
    }

    private void setThreads(int threads) {
        if (threads != current) {
            Llama.llama_set_n_threads(context, threads, threads);
            current = threads;
        }
    }

    /** Lets go of the callback, when the context is freed. */
    public void close() {
        arena.close();
    }
}
