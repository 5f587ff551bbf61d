package io.github.expogguf;

import java.nio.file.Path;
import java.util.OptionalLong;

/** A file that is not the GGUF, imatrix or shard it should be. */
public final class GgufFormatException extends ExpoException {

    /** The file. */
    private final Path path;
    /** Where in the file; below zero if nowhere. */
    private final long fileOffset;
    /** Of a file that ends too early; below zero for other faults. */
    private final long expectedBytes;

    /**
     * A failure with what there is to know about it.
     *
     * @param path       file that was read, as it was given: two folders may have files of the same name
     * @param fileOffset byte offset at which reading stopped, or -1 where no single place is at fault
     * @param problem    what was found and what was expected
     */
    public GgufFormatException(Path path, long fileOffset, String problem) {
        this(path, fileOffset, problem, -1);
    }

    /**
     * A failure of a file that may be the beginning of a whole one.
     *
     * @param path          file that was read, as it was given
     * @param fileOffset    byte offset at which reading stopped, or -1 where no single place is at fault
     * @param problem       what was found and what was expected
     * @param expectedBytes bytes that a whole file has at least, as far as the beginning tells; -1 for other faults
     */
    public GgufFormatException(Path path, long fileOffset, String problem, long expectedBytes) {
        super(path + ": " + problem + (fileOffset < 0 ? "" : " (at byte " + fileOffset + ")"));
        this.path = path;
        this.fileOffset = fileOffset;
        this.expectedBytes = expectedBytes;
    }

    /** {@return the file that was read} */
    public Path path() {
        return path;
    }

    /** {@return the byte offset at which reading stopped, or -1} */
    public long fileOffset() {
        return fileOffset;
    }

    /** {@return how many bytes a file that ends too early should have at least; empty for other faults} */
    public OptionalLong expectedBytes() {
        return expectedBytes < 0 ? OptionalLong.empty() : OptionalLong.of(expectedBytes);
    }
}
