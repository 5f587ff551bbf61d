package io.github.expogguf.score;

import io.github.expogguf.CancelledException;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.thread.Failure;
import io.github.expogguf.work.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Shares texts among threads that have a context each, where the model is small. llama.cpp's threads wait for each
 * other after every operation, spinning, which for a small model takes longer than the operations as soon as another
 * program wants a core: 300 pairs of texts with 2 million parameters took 3.1 s on one thread, 37 s on two threads of
 * one context beside other work, and 2.0 s on two threads with a context each.
 */
final class TextShares {

    private static final long SMALL_PARAMETERS = 100_000_000;

    private final int texts;
    private final ComputeOptions how;
    private final int[] done;
    private boolean failed; // guarded by this

    private TextShares(int texts, int workers, ComputeOptions how) {
        this.texts = texts;
        this.how = how;
        this.done = new int[workers];
    }

    /** Works on the texts from one index up to another. */
    @FunctionalInterface
    interface ShareJob {
        void run(int from, int to, ComputeOptions how);
    }

    /** Has all texts worked on; returns when that is done, or throws what one of the threads threw. */
    static void run(LlamaModel model, int texts, ComputeOptions how, ShareJob job) {
        boolean isSmall = model.parameterCount() <= SMALL_PARAMETERS;
        int workers = isSmall ? Math.clamp(texts, 1, Math.min(how.threads(), how.sequences())) : 1;
        if (workers == 1) {
            job.run(0, texts, how.withThreads(Math.min(how.threads(), model.usefulThreads())));
        } else {
            new TextShares(texts, workers, how).run(job);
        }
    }

    private void run(ShareJob job) {
        try (ExecutorService threads = Executors.newFixedThreadPool(done.length)) {
            List<Future<?>> shares = new ArrayList<>();
            for (int worker = 0; worker < done.length; worker++) {
                int from = (int) ((long) texts * worker / done.length);
                int to = (int) ((long) texts * (worker + 1) / done.length);
                ComputeOptions part = part(worker);
                shares.add(threads.submit(() -> job.run(from, to, part)));
            }
            shares.forEach(this::await);
        }
    }

    private ComputeOptions part(int worker) {
        return how.withThreads(1)
                .withSequences(Math.ceilDiv(how.sequences(), done.length))
                .withListener(progress -> report(worker, progress.stage(), (int) progress.done()));
    }

    private synchronized void report(int worker, Progress.Stage stage, int part) {
        if (failed) {
            throw new CancelledException("another share failed");
        }
        done[worker] = part;
        int sum = 0;
        for (int count : done) {
            sum += count;
        }
        how.report(stage, sum, texts);
    }

    /** Waits for a share; when it failed, the others end at their next report. */
    private void await(Future<?> share) {
        try {
            share.get();
        } catch (InterruptedException _) {
            fail();
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        } catch (ExecutionException e) {
            fail();
            throw Failure.unchecked(e);
        }
    }

    private synchronized void fail() {
        failed = true;
    }
}
