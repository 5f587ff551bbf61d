package io.github.expogguf;

import java.nio.file.Path;

/** A file or a folder that is not the checkpoint in safetensors that it should be. */
public final class SafetensorsFormatException extends ExpoException {

    /** The file or folder. */
    private final Path path;
    /** Where in the file; below zero if nowhere. */
    private final long fileOffset;

    /**
     * A failure with what there is to know about it.
     *
     * @param path       file or folder that was read
     * @param fileOffset byte offset at which reading stopped, or -1 where no single place is at fault
     * @param problem    what was found and what was expected
     */
    public SafetensorsFormatException(Path path, long fileOffset, String problem) {
        super(name(path) + ": " + problem + (fileOffset < 0 ? "" : " (at byte " + fileOffset + ")"));
        this.path = path;
        this.fileOffset = fileOffset;
    }

    /** A root has none. */
    private static Path name(Path path) {
        return path.getFileName() == null ? path : path.getFileName();
    }

    /** {@return the file or folder that was read} */
    public Path path() {
        return path;
    }

    /** {@return the byte offset at which reading stopped, or -1} */
    public long fileOffset() {
        return fileOffset;
    }
}
