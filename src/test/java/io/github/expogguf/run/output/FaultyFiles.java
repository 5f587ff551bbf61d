package io.github.expogguf.run.output;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.Metadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * The file system, of which one operation fails. Flushes are counted but not done: what a process loses by being killed
 * is not what the disk has not got yet.
 */
public final class FaultyFiles implements FileSystem {

    /** What happens at the operation. */
    public enum Fault {
        /** The disk is full: a write stops halfway, and nothing can be created. */
        NO_SPACE,
        /** The disk fails, in any operation. */
        IO_ERROR,
        /** A write takes a part of the bytes, as it may. */
        SHORT_WRITE,
        /** The process is killed: the operation is done in part or not at all, and none comes after it. */
        KILL
    }

    private enum Operation {
        CREATE,
        OPEN,
        LOCK,
        WRITE,
        READ,
        FORCE,
        SIZE,
        CLOSE,
        READ_HEADER,
        LINK,
        MOVE,
        DELETE,
        FLUSH_DIRECTORY;

        boolean canMeet(Fault fault) {
            return switch (fault) {
                case NO_SPACE -> this == CREATE || this == WRITE || this == FORCE || this == LINK || this == MOVE;
                case IO_ERROR, KILL -> true;
                case SHORT_WRITE -> this == WRITE;
            };
        }
    }

    private final Fault fault;
    private final int at;
    private int met; // operations so far that could have met the fault
    private boolean killed;
    private boolean failedToDelete;
    private long usableBytes = Long.MAX_VALUE;
    private Runnable beforeLock = () -> {};

    /** @param at number of the operation, from 1, among those that can meet the fault */
    public FaultyFiles(Fault fault, int at) {
        this.fault = fault;
        this.at = at;
    }

    /** A file system without faults. */
    public static FaultyFiles sound() {
        return new FaultyFiles(Fault.IO_ERROR, 0);
    }

    /** A file system without faults, with so much room on its disks. */
    public static FaultyFiles withRoom(long bytes) {
        FaultyFiles files = sound();
        files.usableBytes = bytes;
        return files;
    }

    /** A file system without faults, where something happens just before a lock is asked for. */
    public static FaultyFiles withSomethingBeforeLocks(Runnable something) {
        FaultyFiles files = sound();
        files.beforeLock = something;
        return files;
    }

    /** Whether the fault has happened. */
    public synchronized boolean struck() {
        return met >= at;
    }

    /** Whether the fault was that something could not be removed or closed. */
    public boolean failedToDelete() {
        return failedToDelete;
    }

    private synchronized boolean strikes(Operation operation) throws IOException {
        if (killed) {
            throw new IOException("the process is dead");
        }
        boolean strikes = operation.canMeet(fault) && ++met == at;
        killed = strikes && fault == Fault.KILL;
        failedToDelete |= strikes && (operation == Operation.DELETE || operation == Operation.CLOSE);
        return strikes;
    }

    private void meet(Operation operation, Path path) throws IOException {
        if (strikes(operation)) {
            throw failure(path);
        }
    }

    private FileSystemException failure(Path path) {
        return new FileSystemException(
                path.toString(),
                null,
                switch (fault) {
                    case NO_SPACE -> "No space left on device";
                    case IO_ERROR -> "Input/output error";
                    case KILL -> "killed";
                    case SHORT_WRITE -> throw new AssertionError();
                });
    }

    private final class FaultyHandle implements Handle {

        private final Path path;
        private final Handle handle;

        FaultyHandle(Path path, Handle handle) {
            this.path = path;
            this.handle = handle;
        }

        @Override
        public int write(ByteBuffer bytes, long offset) throws IOException {
            if (!strikes(Operation.WRITE)) {
                return handle.write(bytes, offset);
            }
            int part = fault == Fault.SHORT_WRITE ? (bytes.remaining() + 1) / 2 : bytes.remaining() / 2;
            ByteBuffer half = bytes.slice(bytes.position(), part);
            while (half.hasRemaining()) {
                handle.write(half, offset + half.position());
            }
            if (fault != Fault.SHORT_WRITE) {
                throw failure(path);
            }
            bytes.position(bytes.position() + part);
            return part;
        }

        @Override
        public int read(ByteBuffer bytes, long offset) throws IOException {
            meet(Operation.READ, path);
            return handle.read(bytes, offset);
        }

        @Override
        public void force(boolean withMetadata) throws IOException {
            meet(Operation.FORCE, path);
        }

        @Override
        public long size() throws IOException {
            meet(Operation.SIZE, path);
            return handle.size();
        }

        @Override
        public boolean tryLock() throws IOException {
            beforeLock.run();
            meet(Operation.LOCK, path);
            return handle.tryLock();
        }

        /** Closes in any case, as the system does when a process dies. */
        @Override
        public void close() throws IOException {
            handle.close();
            meet(Operation.CLOSE, path);
        }
    }

    @Override
    public Handle create(Path path) throws IOException {
        meet(Operation.CREATE, path);
        return new FaultyHandle(path, SystemFiles.INSTANCE.create(path));
    }

    @Override
    public Handle open(Path path) throws IOException {
        meet(Operation.OPEN, path);
        return new FaultyHandle(path, SystemFiles.INSTANCE.open(path));
    }

    @Override
    public Handle openReadOnly(Path path) throws IOException {
        meet(Operation.OPEN, path);
        return new FaultyHandle(path, SystemFiles.INSTANCE.openReadOnly(path));
    }

    @Override
    public GgufFile readHeader(Path path, Metadata expected) throws IOException {
        meet(Operation.READ_HEADER, path);
        return SystemFiles.INSTANCE.readHeader(path, expected);
    }

    @Override
    public void link(Path link, Path existing) throws IOException {
        meet(Operation.LINK, link);
        SystemFiles.INSTANCE.link(link, existing);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        meet(Operation.MOVE, to);
        SystemFiles.INSTANCE.move(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        meet(Operation.DELETE, path);
        SystemFiles.INSTANCE.delete(path);
    }

    @Override
    public void flushDirectory(Path directory) throws IOException {
        meet(Operation.FLUSH_DIRECTORY, directory);
    }

    @Override
    public long usableBytes(FileStore store) throws IOException {
        return usableBytes == Long.MAX_VALUE ? SystemFiles.INSTANCE.usableBytes(store) : usableBytes;
    }
}
