package io.github.expogguf.run;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file on its way to its place: written beside it under a name of its own, flushed, then moved. Closing it before the move
 * removes it. Any thread may write.
 */
public final class PartialFile implements AutoCloseable {

    private final Path target;
    private final Path path;
    private final FileChannel channel;
    private final WriteBehind writeBehind;
    private boolean inPlace;

    private PartialFile(Path target, Path path, FileChannel channel) {
        this.target = target;
        this.path = path;
        this.channel = channel;
        this.writeBehind = new WriteBehind(channel::force);
    }

    /** Creates the file, with the permissions that any new file gets. */
    public static PartialFile create(Path target) throws IOException {
        long process = ProcessHandle.current().pid();
        String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        Path path = target.resolveSibling("." + target.getFileName() + ".expo-" + process + "-" + random + ".partial");
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new PartialFile(target, path, channel);
    }

    Path path() {
        return path;
    }

    Path target() {
        return target;
    }

    void write(long offset, MemorySegment bytes) throws IOException {
        write(offset, bytes.asByteBuffer());
    }

    /** Writes all bytes that remain. */
    public void write(long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        writeBehind.wrote(at - offset);
    }

    /** Reads back what was written. */
    void read(long offset, MemorySegment bytes) throws IOException {
        ByteBuffer buffer = bytes.asByteBuffer();
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new java.io.EOFException(path + ": the file ends at byte " + (offset + buffer.position()));
            }
        }
    }

    /** Gives the file its full length, so that gaps of padding read as zeros. */
    void extendTo(long bytes) throws IOException {
        if (bytes > 0 && channel.size() < bytes) {
            write(bytes - 1, ByteBuffer.wrap(new byte[1]));
        }
    }

    /** Brings all bytes to the disk. A failure is final: the system may have dropped what it could not write. */
    public void flush() throws IOException {
        writeBehind.finish();
    }

    /**
     * Moves the file to its place in one step.
     *
     * @param replace whether a file that is there may be replaced
     */
    public void moveIntoPlace(boolean replace) throws IOException {
        channel.close();
        if (replace) {
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        } else {
            moveWithoutReplacing();
        }
        inPlace = true;
        flushDirectory();
    }

    /** An atomic move replaces silently, a hard link never does; file systems without links get a check and the move. */
    private void moveWithoutReplacing() throws IOException {
        try {
            Files.createLink(target, path);
            Files.delete(path);
        } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
            if (Files.exists(target, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                throw new java.nio.file.FileAlreadyExistsException(target.toString());
            }
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Makes the new name durable; Windows has no such operation on directories. */
    private void flushDirectory() throws IOException {
        if (System.getProperty("os.name").startsWith("Windows")) {
            return;
        }
        try (FileChannel directory =
                FileChannel.open(target.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Removes the file when the process is about to end and nobody can hear of a failure. */
    void deleteQuietly() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // a stale partial file is all that is lost, and its name says what it is
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!inPlace) {
            Files.deleteIfExists(path);
        }
    }

    /** Closes all, whatever happens, and then throws, with every failure suppressed. */
    static void closeAll(List<? extends AutoCloseable> files) throws IOException {
        IOException failure = new IOException("cannot remove a partial file");
        closeAll(files, failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** Closes all because of a failure, which takes further ones along. */
    static void closeAll(List<? extends AutoCloseable> files, Throwable cause) {
        for (AutoCloseable file : files) {
            try {
                file.close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }
}
