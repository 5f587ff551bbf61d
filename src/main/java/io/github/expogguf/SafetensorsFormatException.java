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
     * @param path       file or folder that was read, as it was given: two folders have files of the same names
     * @param fileOffset byte offset at which reading stopped, or -1 where no single place is at fault
     * @param problem    what was found and what was expected
     */
    public SafetensorsFormatException(Path path, long fileOffset, String problem) {
        super(path + ": " + problem + (fileOffset < 0 ? "" : " (at byte " + fileOffset + ")"));
        this.path = path;
        this.fileOffset = fileOffset;
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
