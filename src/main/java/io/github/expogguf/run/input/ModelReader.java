package io.github.expogguf.run.input;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.CancelledException;
import io.github.expogguf.gguf.ReadFailure;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.thread.Failure;
import io.github.expogguf.thread.Uninterrupted;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads the files of one model, block by block, digests them meanwhile, and keeps the latest blocks until they are
 * digested and the chunks that need them are done. It waits for the workers, and they for it, so that no more is in
 * memory than the blocks.
 */
final class ModelReader {

    private static final int PART_BYTES = 32 << 10; // stays in the first cache while it is digested

    private final FileBlocks blocks;
    private final ReadOrder order;
    private final MemorySegment slots;
    private final int slotCount;
    private final byte[] part = new byte[PART_BYTES];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int loaded; // blocks that were read; guarded by lock
    private int digested; // blocks; guarded by lock
    private int chunksDone; // all chunks before this one are; guarded by lock
    private boolean isShort; // a file is, and no more is read; guarded by lock
    private boolean stopped; // guarded by lock

    /** @param slots room for some blocks, at least two */
    ModelReader(FileBlocks blocks, ReadOrder order, MemorySegment slots) {
        this.blocks = blocks;
        this.order = order;
        this.slots = slots;
        this.slotCount = Math.toIntExact(slots.byteSize() / FileBlocks.BYTES);
    }

    /**
     * Reads all files to their ends, on the thread that calls, while another one digests them.
     *
     * @return the SHA-256 of each file
     * @throws CancelledException if it is stopped before
     */
    List<String> run() throws IOException {
        FutureTask<List<String>> digests = new FutureTask<>(this::digest);
        Thread digesting = Thread.ofPlatform().name("expo-digest").daemon().unstarted(digests);
        try {
            digesting.start();
            for (int file = 0; file < blocks.files().size() && !isShort(); file++) {
                readFile(file);
            }
            return Uninterrupted.get(digests, this::stop);
        } catch (ExecutionException e) {
            throw Failure.of(e);
        } finally {
            stop(); // workers that still wait, since it failed, read for themselves
            Uninterrupted.join(digesting); // it uses memory that the caller frees
        }
    }

    private void readFile(int number) throws IOException {
        SourceFile file = blocks.files().get(number);
        try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            int block = blocks.first(number);
            for (long position = 0; position < file.bytes(); position += FileBlocks.BYTES) {
                awaitRoom(block);
                MemorySegment slot = slot(block, file, position);
                if (!readFully(channel, slot.asByteBuffer(), position)) {
                    giveUp(); // the file has become shorter, which whoever needs these bytes will find
                    break;
                }
                publish(++block);
            }
        } catch (IOException e) {
            throw ReadFailure.of(file.path(), e);
        }
    }

    private List<String> digest() {
        try {
            List<String> digests = new ArrayList<>();
            int block = 0;
            for (SourceFile file : blocks.files()) {
                MessageDigest digest = Sha256.newDigest();
                for (long position = 0; position < file.bytes(); position += FileBlocks.BYTES) {
                    if (!await(block)) {
                        requireRunning();
                        break; // of a file that is refused, for it has become shorter
                    }
                    update(digest, slot(block, file, position));
                    markDigested(++block);
                }
                digests.add(Sha256.digits(digest));
            }
            return digests;
        } catch (Throwable e) {
            stop(); // nobody makes room any more
            throw e;
        }
    }

    private MemorySegment slot(int block, SourceFile file, long position) {
        long bytes = Math.min(FileBlocks.BYTES, file.bytes() - position);
        return slots.asSlice((long) FileBlocks.BYTES * (block % slotCount), bytes);
    }

    private void update(MessageDigest digest, MemorySegment bytes) {
        for (long done = 0; done < bytes.byteSize(); done += part.length) {
            int count = Math.toIntExact(Math.min(part.length, bytes.byteSize() - done));
            MemorySegment.copy(bytes, JAVA_BYTE, done, part, 0, count);
            digest.update(part, 0, count);
        }
    }

    private static boolean readFully(FileChannel channel, ByteBuffer buffer, long start) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, start + buffer.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private void awaitRoom(int block) {
        lock.lock();
        try {
            while (!stopped && block >= slotCount && isNeeded(block - slotCount)) {
                changed.awaitUninterruptibly();
            }
            requireRunning();
        } finally {
            lock.unlock();
        }
    }

    private void requireRunning() {
        lock.lock();
        try {
            if (stopped) {
                throw new CancelledException("stopped");
            }
        } finally {
            lock.unlock();
        }
    }

    private void giveUp() {
        lock.lock();
        try {
            isShort = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isShort() {
        lock.lock();
        try {
            return isShort;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private boolean isNeeded(int block) {
        return block >= digested || order.lastChunk(block) >= chunksDone;
    }

    private void markDigested(int digestedBlocks) {
        lock.lock();
        try {
            digested = digestedBlocks;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void publish(int loadedBlocks) {
        lock.lock();
        try {
            loaded = loadedBlocks;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** All chunks before this one are done. */
    void advance(int chunk) {
        lock.lock();
        try {
            chunksDone = chunk;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for nothing any more. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The rows of a chunk, once they were read; they stay until the chunk is done.
     *
     * @param buffer for rows that do not stand together in memory
     * @return empty where they have to be read apart
     */
    Optional<MemorySegment> rows(Chunk chunk, TensorInfo tensor, MemorySegment buffer) {
        long bytes = chunk.bytes(tensor.type());
        if (!order.has(chunk, tensor)) {
            return Optional.empty();
        }
        long start = blocks.position(tensor, chunk.offset(tensor.type()));
        if (!await(FileBlocks.at(start + bytes - 1))) {
            return Optional.empty();
        }
        long from = start % slots.byteSize();
        long together = Math.min(bytes, slots.byteSize() - from);
        if (together == bytes) {
            return Optional.of(slots.asSlice(from, bytes));
        }
        MemorySegment.copy(slots, from, buffer, 0, together);
        MemorySegment.copy(slots, 0, buffer, together, bytes - together);
        return Optional.of(buffer.asSlice(0, bytes));
    }

    private boolean await(int block) {
        lock.lock();
        try {
            while (!stopped && !isShort && loaded <= block) {
                changed.awaitUninterruptibly();
            }
            return loaded > block;
        } finally {
            lock.unlock();
        }
    }
}
