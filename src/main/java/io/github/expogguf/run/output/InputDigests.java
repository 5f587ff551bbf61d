package io.github.expogguf.run.output;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.run.compute.Workers;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * SHA-256 of input files, computed on a thread of its own while the workers run: a digest needs the bytes in order,
 * which the workers do not read them in. It runs ahead of the workers, which then find the bytes in the page cache.
 */
public final class InputDigests {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final long POLL_MILLIS = 100;

    private final FutureTask<List<String>> task;

    private InputDigests(Callable<List<String>> computation) {
        task = new FutureTask<>(computation);
    }

    /** Starts on the files of one model. */
    public static InputDigests start(List<GgufFile> files, Cancellation cancellation) {
        InputDigests digests = new InputDigests(() -> {
            List<String> digest = new ArrayList<>();
            for (GgufFile file : files) {
                digest.add(sha256(file.path(), cancellation));
            }
            return digest;
        });
        Thread.ofPlatform().name("expo-digest").daemon().start(digests.task);
        return digests;
    }

    /**
     * Waits for the digests, one per file: 64 hexadecimal digits in lower case.
     *
     * @throws io.github.expogguf.CancelledException if the run is cancelled meanwhile
     */
    public List<String> await(Cancellation run) throws IOException {
        try {
            while (true) {
                try {
                    return task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    run.check();
                }
            }
        } catch (ExecutionException e) {
            throw Workers.rethrown(Objects.requireNonNull(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while computing the digests of the inputs");
        }
    }

    public static String sha256(Path path, Cancellation cancellation) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (channel.read(buffer.clear()) >= 0) {
                cancellation.check();
                digest.update(buffer.flip());
            }
        } catch (IOException e) {
            throw ReadFailure.of(path, e);
        }
        return Sha256.digits(digest);
    }
}
