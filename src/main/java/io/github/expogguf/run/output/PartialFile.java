package io.github.expogguf.run.output;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file on its way to its place: written beside it under a name of its own, flushed, then moved. Closing it before the
 * move removes it. Any thread may write.
 */
public final class PartialFile implements AutoCloseable {

    private final FileSystem fileSystem;
    private final Path target;
    private final Path path;
    private final FileSystem.Handle handle;
    private final WriteBehind writeBehind;
    private volatile boolean inPlace;
    private volatile boolean gone; // nothing is called by the partial file's name any more
    private volatile boolean kept;

    private PartialFile(FileSystem fileSystem, Path target, Path path, FileSystem.Handle handle) {
        this.fileSystem = fileSystem;
        this.target = target;
        this.path = path;
        this.handle = handle;
        this.writeBehind = new WriteBehind(handle::force);
    }

    /** Creates a file, with the permissions that any new file gets, under a name that no other run takes. */
    public static PartialFile create(Path target) throws IOException {
        return createUnshared(SystemFiles.INSTANCE, target);
    }

    /** Same, where files may fail. */
    public static PartialFile createUnshared(FileSystem fileSystem, Path target) throws IOException {
        long process = ProcessHandle.current().pid();
        String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        Path path = target.resolveSibling("." + target.getFileName() + ".expo-" + process + "-" + random + ".partial");
        return new PartialFile(fileSystem, target, path, createBeside(fileSystem, target, path));
    }

    /**
     * Creates the file under the name that a later run looks for; the caller holds the {@link Journal} of the target.
     */
    static PartialFile create(FileSystem fileSystem, Path target) throws IOException {
        Path path = path(target);
        return new PartialFile(fileSystem, target, path, createBeside(fileSystem, target, path));
    }

    /** Creates a file beside a target, whose name a failure has: it alone is known to who asked for it. */
    static FileSystem.Handle createBeside(FileSystem fileSystem, Path target, Path path) throws IOException {
        try {
            return fileSystem.create(path);
        } catch (FileAlreadyExistsException exists) {
            throw exists;
        } catch (FileSystemException refused) {
            String why = switch (refused) {
                case NoSuchFileException _ -> OutputGuard.TAKES_NO_FILES;
                case AccessDeniedException _ -> "cannot be written: permission denied";
                default -> "cannot be written: " + refused.getReason();
            };
            FileSystemException named = new FileSystemException(target.toString(), null, why);
            named.initCause(refused);
            throw named;
        }
    }

    /** Opens the file that an earlier run left. */
    static PartialFile open(FileSystem fileSystem, Path target) throws IOException {
        Path path = path(target);
        PartialFile file = new PartialFile(fileSystem, target, path, fileSystem.open(path));
        file.kept = true;
        return file;
    }

    /** Opens, to be read, a file that an earlier run has moved to its place already. */
    static PartialFile inPlace(FileSystem fileSystem, Path target) throws IOException {
        PartialFile file = new PartialFile(fileSystem, target, target, fileSystem.openReadOnly(target));
        file.inPlace = true;
        file.gone = true;
        return file;
    }

    /** {@code .NAME.expo-partial} beside the target. */
    public static Path path(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".expo-partial");
    }

    public Path path() {
        return path;
    }

    boolean isInPlace() {
        return inPlace;
    }

    public void write(long offset, MemorySegment bytes) throws IOException {
        write(offset, bytes.asByteBuffer());
    }

    /** Writes all bytes that remain. */
    public void write(long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += handle.write(bytes, at);
        }
        writeBehind.wrote(at - offset);
    }

    /** Reads back what was written. */
    public void read(long offset, MemorySegment bytes) throws IOException {
        ByteBuffer buffer = bytes.asByteBuffer();
        while (buffer.hasRemaining()) {
            if (handle.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException(path + ": the file ends at byte " + (offset + buffer.position()));
            }
        }
    }

    long size() throws IOException {
        return handle.size();
    }

    /** Gives the file its full length, so that gaps of padding read as zeros. */
    public void extendTo(long bytes) throws IOException {
        if (bytes > 0 && handle.size() < bytes) {
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
        handle.close();
        if (replace) {
            fileSystem.move(path, target);
            inPlace = true;
            gone = true;
        } else {
            moveWithoutReplacing();
        }
        flushDirectory();
    }

    /**
     * An atomic move replaces silently, a hard link never does; file systems without links get a check and the move.
     */
    private void moveWithoutReplacing() throws IOException {
        try {
            fileSystem.link(target, path);
        } catch (UnsupportedOperationException | FileSystemException e) {
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            fileSystem.move(path, target);
            inPlace = true;
            gone = true;
            return;
        }
        inPlace = true;
        fileSystem.delete(path);
        gone = true;
    }

    /** Where a file is, or will be. */
    public static Path directory(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "the root is no file");
    }

    /** What happened to an output that could not be written, with what it needs. */
    public static FileSystemException notWritten(FileSystem fileSystem, Path output, long bytes, IOException cause)
            throws IOException {
        String reason = cause instanceof FileSystemException other ? other.getReason() : cause.getMessage();
        FileSystemException failure = new FileSystemException(
                output.toString(),
                null,
                String.format(
                        Locale.ROOT,
                        "cannot be written: %s; it takes %,d bytes, %,d are free on its disk",
                        reason,
                        bytes,
                        fileSystem.usableBytes(Files.getFileStore(directory(output)))));
        failure.initCause(cause);
        return failure;
    }

    /** Makes the new name durable. */
    private void flushDirectory() throws IOException {
        fileSystem.flushDirectory(directory(target));
    }

    /**
     * Whether the file stays if it is closed before the move; so it is at first if it was opened rather than created.
     */
    void keep(boolean value) {
        kept = value;
    }

    @Override
    public void close() throws IOException {
        try {
            handle.close();
        } finally {
            if (!kept && !gone) {
                fileSystem.delete(path);
            }
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
