package io.github.expogguf.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that any number of threads read. An interrupt of one of them closes a {@link FileChannel} for all; this opens
 * the same file again, reads on, and leaves the interrupt to whoever looks for it.
 */
final class InputFile implements AutoCloseable {

    private final Path path;
    private final FileIdentity identity; // taken before the file was opened
    private volatile FileChannel channel;
    private boolean closed; // guarded by this

    /** Opens a file; read only, since a writable channel could grow it. */
    InputFile(Path path) throws IOException {
        this.path = path;
        this.identity = FileIdentity.of(path);
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
    }

    Path path() {
        return path;
    }

    /** What the file was when it was opened. */
    FileIdentity identity() {
        return identity;
    }

    /** Reads some bytes; returns how many, or -1 at the end of the file. */
    int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        return Math.toIntExact(use(open -> open.read(target.position(start), position)));
    }

    long size() throws IOException {
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
}
