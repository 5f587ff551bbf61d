package io.github.expogguf.thread;

import io.github.expogguf.ExpoException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file that any number of threads read. An interrupt of one of them closes a {@link FileChannel} for all; this opens
 * the same file again, reads on, and leaves the interrupt to whoever looks for it.
 */
public final class InputFile implements AutoCloseable {

    private static final long MAX_READ_BYTES = 1L << 30; // a ByteBuffer holds less than 2 GiB

    /** Whether the file is still the one that it was, taken before it is opened. */
    @FunctionalInterface
    public interface Identity {
        /** Fails where it is another file, or was written to. */
        void check(Path path) throws IOException;
    }

    private final Path path;
    private final Identity identity;
    private final long openedBytes;
    private volatile FileChannel channel;
    private boolean closed; // guarded by this

    /** Opens a file; read only, since a writable channel could grow it. */
    public InputFile(Path path, Identity identity) throws IOException {
        this.path = path;
        this.identity = identity;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            openedBytes = use(FileChannel::size);
        } catch (Throwable failure) {
            channel.close();
            throw failure;
        }
    }

    public Path path() {
        return path;
    }

    /** Reads what there is to know of a file, and keeps the file. */
    @FunctionalInterface
    public interface Opening<T> {
        /** What was read. */
        T of(InputFile file) throws IOException;
    }

    /** What is made of a file that was just opened; closes the file where that fails, or the file has changed. */
    public static <T> T opened(InputFile file, Opening<T> opening) throws IOException {
        try {
            T made = opening.of(file);
            file.checkUnchanged(); // what was read and the identity are of the same file
            return made;
        } catch (Throwable failure) {
            file.close();
            if (failure instanceof ExpoException) {
                file.checkUnchanged(); // a file that is still being written is no damaged one
            }
            throw failure;
        }
    }

    /** Fails where the file is no longer the one that was opened. */
    public void checkUnchanged() throws IOException {
        identity.check(path);
    }

    /** Reads some bytes; returns how many, or -1 at the end of the file. */
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        return Math.toIntExact(use(open -> open.read(target.position(start), position)));
    }

    /**
     * Reads all bytes of the target.
     *
     * @param target off-heap segment or segment over a byte array, fully overwritten
     * @param what   that is read, for messages
     */
    public void read(MemorySegment target, long position, String what) throws IOException {
        for (long done = 0; done < target.byteSize(); ) {
            long part = Math.min(MAX_READ_BYTES, target.byteSize() - done);
            readFully(target.asSlice(done, part).asByteBuffer(), position + done, what);
            done += part;
        }
    }

    private void readFully(ByteBuffer buffer, long start, String what) throws IOException {
        while (buffer.hasRemaining()) {
            long position = start + buffer.position();
            if (read(buffer, position) < 0) {
                throw new EOFException(path + ": " + what + ": the file ends at byte " + size()
                        + " while byte " + position + " is needed; it had " + openedBytes
                        + " bytes when it was opened");
            }
        }
    }

    public long size() throws IOException {
        return use(FileChannel::size);
    }

    @FunctionalInterface
    private interface Operation {
        long on(FileChannel channel) throws IOException;
    }

    private long use(Operation operation) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel used = channel;
                try {
                    return operation.on(used);
                } catch (ClosedChannelException e) { // by an interrupt of this thread or of another one
                    interrupted |= Thread.interrupted(); // or the next attempt would close the file, too
                    reopen(used, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // another thread may have opened the file again already
    private synchronized void reopen(FileChannel used, ClosedChannelException cause) throws IOException {
        if (closed) {
            throw cause;
        }
        if (channel == used) {
            FileChannel again = FileChannel.open(path, StandardOpenOption.READ);
            try {
                identity.check(path);
            } catch (Throwable changed) {
                again.close();
                throw changed;
            }
            channel = again;
        }
    }

    /** Closes the file; later reads fail. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }

    /** Closes all, whatever becomes of one. */
    public static void closeAll(List<InputFile> files) throws IOException {
        IOException failure = null;
        for (InputFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Closes all after a failure, to which another one is added. */
    public static void closeAll(List<InputFile> files, Throwable failure) {
        try {
            closeAll(files);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
