package io.github.expogguf.run.input;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.PackedRows;
import io.github.expogguf.thread.Failure;
import io.github.expogguf.thread.Uninterrupted;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * Reads every file of the models once, each model on a thread of its own: what the workers need in the order of the
 * files they get from there, and all of it is digested, on another thread.
 */
public final class InputReaders implements PackedRows, AutoCloseable {

    private static final int SLOTS = 16;
    private static final int MAX_SLOTS = 128;
    private static final int LARGE = 16; // times what is read ahead
    private static final long POLL_MILLIS = 100;

    private final Ingredients<SourceModel> models;
    private final PackedRows files;
    private final Arena arena = Arena.ofShared();
    private final List<ModelReader> readers = new ArrayList<>();
    private final List<FutureTask<List<String>>> digests = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final BitSet done = new BitSet(); // guarded by itself
    private int chunksDone; // guarded by done

    private InputReaders(Ingredients<SourceModel> models) {
        this.models = models;
        this.files = PackedRows.ofFiles(models.inOrder());
    }

    /** Reads the files for their digests alone. */
    public static InputReaders start(Ingredients<SourceModel> models) {
        return start(models, List.of(List.of()), 1);
    }

    /**
     * Begins to read.
     *
     * @param outputs the tasks of each output, one for every tensor of the aligned model
     * @param workers threads that compute chunks
     */
    public static InputReaders start(Ingredients<SourceModel> models, List<List<TensorTask>> outputs, int workers) {
        InputReaders all = new InputReaders(models);
        try {
            for (int number = 0; number < models.inOrder().size(); number++) {
                all.start(number, outputs, workers);
            }
            return all;
        } catch (Throwable e) {
            all.close();
            throw e;
        }
    }

    private void start(int number, List<List<TensorTask>> outputs, int workers) {
        FileBlocks blocks = new FileBlocks(models.inOrder().get(number));
        long bytes = memoryBytes(blocks, workers);
        ReadOrder order = order(blocks, number, outputs, workers);
        MemorySegment slots = arena.allocate(bytes, FileBlocks.BYTES);
        ModelReader reader = new ModelReader(blocks, order, slots);
        FutureTask<List<String>> digest = new FutureTask<>(reader::run);
        readers.add(reader);
        digests.add(digest);
        threads.add(Thread.ofPlatform().name("expo-read-" + number).daemon().start(digest));
    }

    private static ReadOrder order(FileBlocks blocks, int number, List<List<TensorTask>> outputs, int workers) {
        return new ReadOrder(blocks, number, outputs, memoryBytes(blocks, workers) - FileBlocks.BYTES);
    }

    /** Twice what the workers look at, and more to read ahead in models that are much larger than this. */
    private static long memoryBytes(FileBlocks blocks, int workers) {
        long atOnce = Math.ceilDiv(workers * Chunks.MAX_ELEMENTS * Float.BYTES, FileBlocks.BYTES);
        long least = Math.min(2 * atOnce + 2, MAX_SLOTS);
        long ahead = Math.min(blocks.count() / LARGE, SLOTS);
        return FileBlocks.BYTES * Math.max(least, ahead);
    }

    /** Bytes of memory that reading the models takes. */
    public static long memoryBytes(Ingredients<SourceModel> models, int workers) {
        return models.inOrder().stream()
                .mapToLong(model -> memoryBytes(new FileBlocks(model), workers))
                .sum();
    }

    /** Bytes of tensors that do not come in the order of the files, so that they are read a second time. */
    public static long apartBytes(Ingredients<SourceModel> models, List<List<TensorTask>> outputs, int workers) {
        return IntStream.range(0, models.inOrder().size())
                .mapToLong(number -> {
                    FileBlocks blocks = new FileBlocks(models.inOrder().get(number));
                    return order(blocks, number, outputs, workers).apartBytes();
                })
                .sum();
    }

    @Override
    public MemorySegment read(Chunk chunk, int model, TensorInfo tensor, MemorySegment buffer) throws IOException {
        MemorySegment rows = readers.get(model).rows(chunk, tensor, buffer).orElse(null);
        return rows != null ? rows : files.read(chunk, model, tensor, buffer);
    }

    @Override
    public void done(Chunk chunk) {
        synchronized (done) {
            done.set(chunk.index());
            int before = chunksDone;
            chunksDone = done.nextClearBit(before);
            if (chunksDone > before) {
                readers.forEach(reader -> reader.advance(chunksDone));
            }
        }
    }

    @Override
    public void stop() {
        readers.forEach(ModelReader::stop);
    }

    /**
     * Waits until all files were read, which they are when all chunks are done.
     *
     * @return the SHA-256 of each file, 64 hexadecimal digits in lower case
     * @throws CancelledException if the run is cancelled meanwhile
     */
    public Ingredients<List<String>> digests(Cancellation run) throws IOException {
        List<List<String>> all = new ArrayList<>();
        for (FutureTask<List<String>> digest : digests) {
            all.add(await(digest, run));
        }
        return models.with(all);
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

    /** Ends the threads. */
    @Override
    public void close() {
        stop();
        threads.forEach(Uninterrupted::join);
        arena.close();
    }
}
