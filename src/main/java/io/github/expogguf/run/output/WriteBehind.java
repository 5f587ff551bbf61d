package io.github.expogguf.run.output;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Has the disk write while the workers compute, instead of all of it after the last of them: every so many bytes a
 * thread of its own brings to the disk what is there. Any thread may call.
 */
final class WriteBehind {

    /** Bytes. */
    static final long STEP = 64 << 20;

    private final Disk disk;
    private final AtomicLong written = new AtomicLong();
    private final ReentrantLock flushing = new ReentrantLock();
    private volatile @Nullable IOException failure;

    /**
     * Brings to the disk what was written, with or without the file's times: {@link
     * java.nio.channels.FileChannel#force}.
     */
    @FunctionalInterface
    interface Disk {
        void force(boolean withMetadata) throws IOException;
    }

    WriteBehind(Disk disk) {
        this.disk = disk;
    }

    /** So many bytes more were written. */
    void wrote(long bytes) {
        long before = written.getAndAdd(bytes);
        if (before / STEP < (before + bytes) / STEP && !flushing.isLocked()) {
            Thread.ofPlatform().name("expo-write-behind").daemon().start(this::flush);
        }
    }

    private void flush() {
        if (flushing.tryLock()) {
            try {
                disk.force(false);
            } catch (ClosedChannelException _) {
                // the run has ended, and not well
            } catch (IOException e) {
                failure = e;
            } finally {
                flushing.unlock();
            }
        }
    }

    /**
     * Brings all bytes to the disk.
     *
     * @throws IOException also if that failed before: the system reports a failure once, and has dropped what it could
     *                     not write
     */
    void finish() throws IOException {
        flushing.lock();
        try {
            disk.force(true);
        } finally {
            flushing.unlock();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
