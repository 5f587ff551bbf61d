package io.github.expogguf;

import java.nio.file.Path;

/** A file that is not the GGUF, imatrix or shard it should be. */
public final class GgufFormatException extends ExpoException {

    /** The file. */
    private final Path path;
    /** Where in the file; below zero if nowhere. */
    private final long fileOffset;

    /**
     * A failure with what there is to know about it.
     *
     * @param path       file that was read
     * @param fileOffset byte offset at which reading stopped, or -1 where no single place is at fault
     * @param problem    what was found and what was expected
     */
    public GgufFormatException(Path path, long fileOffset, String problem) {
        super(path.getFileName() + ": " + problem + (fileOffset < 0 ? "" : " (at byte " + fileOffset + ")"));
        this.path = path;
        this.fileOffset = fileOffset;
    }

    /** {@return the file that was read} */
    public Path path() {
        return path;
    }

    /** {@return the byte offset at which reading stopped, or -1} */
    public long fileOffset() {
        return fileOffset;
    }
}
