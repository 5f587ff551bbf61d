package io.github.expogguf.run.output;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.thread.Failure;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * SHA-256 of input files, computed on a thread of its own while the workers run: a digest needs the bytes in order,
 * which the workers do not read them in. It runs ahead of the workers, which then find the bytes in the page cache.
 */
public final class InputDigests implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final long POLL_MILLIS = 100;

    private final Cancellation closed = new Cancellation();
    private final Ingredients<FutureTask<List<String>>> tasks;

    private InputDigests(Ingredients<GgufModel> models) {
        tasks = models.map(this::start);
    }

    /** Starts on the files of all models, until it is closed. */
    public static InputDigests start(Ingredients<GgufModel> models) {
        return new InputDigests(models);
    }

    private FutureTask<List<String>> start(GgufModel model) {
        FutureTask<List<String>> task = new FutureTask<>(() -> of(model, closed));
        Thread.ofPlatform().name("expo-digest").daemon().start(task);
        return task;
    }

    /**
     * Waits for the digests, one per file: 64 hexadecimal digits in lower case.
     *
     * @throws io.github.expogguf.CancelledException if the run is cancelled meanwhile
     */
    public Ingredients<List<String>> await(Cancellation run) throws IOException {
        List<List<String>> digests = new ArrayList<>();
        for (FutureTask<List<String>> task : tasks.inOrder()) {
            digests.add(await(task, run));
        }
        return tasks.with(digests);
    }

    private static List<String> await(FutureTask<List<String>> task, Cancellation run) throws IOException {
        try {
            while (true) {
                try {
                    return task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    run.check();
                }
            }
        } catch (ExecutionException e) {
            throw Failure.of(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        }
    }

    /** The digests of a model's files, computed on this thread. */
    public static List<String> of(GgufModel model, Cancellation cancellation) throws IOException {
        List<String> digests = new ArrayList<>();
        for (GgufFile file : model.files()) {
            digests.add(sha256(file.path(), cancellation));
        }
        return digests;
    }

    public static String sha256(Path path, Cancellation cancellation) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(path)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                cancellation.check();
                digest.update(buffer, 0, count);
            }
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
        return Sha256.digits(digest);
    }

    @Override
    public void close() {
        closed.cancel();
    }
}
