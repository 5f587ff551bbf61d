package io.github.expogguf.run.output;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.Metadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Path;

/**
 * What a run asks of the file system for its outputs. {@link SystemFiles} do it; in tests something else stands in its
 * place and fails at one operation or the other.
 */
public interface FileSystem {

    /** An open file; any thread may call. */
    interface Handle extends AutoCloseable {

        /** Writes some of the bytes that remain, at least one; returns how many. */
        int write(ByteBuffer bytes, long offset) throws IOException;

        /** Reads some bytes; returns how many, or -1 at the end of the file. */
        int read(ByteBuffer bytes, long offset) throws IOException;

        /** Brings to the disk what was written, with or without the file's times. */
        void force(boolean withMetadata) throws IOException;

        long size() throws IOException;

        /**
         * Locks the file against other processes until it is closed.
         *
         * @return whether nobody else holds it
         */
        boolean tryLock() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Creates a file that must not exist, with the permissions that any new file gets. */
    Handle create(Path path) throws IOException;

    /** Opens a file to read and write it; follows no link. */
    Handle open(Path path) throws IOException;

    Handle openReadOnly(Path path) throws IOException;

    /**
     * Reads and validates the header of a GGUF file.
     *
     * @param expected what it should hold; values that are the same are not in memory twice
     */
    GgufFile readHeader(Path path, Metadata expected) throws IOException;

    /** Gives a file a second name, which must not exist. */
    void link(Path link, Path existing) throws IOException;

    /** Renames a file in one step and replaces what is there. */
    void move(Path from, Path to) throws IOException;

    /** Removes a file if it is there. */
    void delete(Path path) throws IOException;

    /** Makes new and removed names of a directory durable, where the system has such an operation. */
    void flushDirectory(Path directory) throws IOException;

    /** Bytes that this process may still write to a disk. */
    long usableBytes(FileStore store) throws IOException;
}
