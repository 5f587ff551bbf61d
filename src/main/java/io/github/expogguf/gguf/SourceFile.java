package io.github.expogguf.gguf;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A file that a model is read from.
 *
 * @param path        the file
 * @param headerBytes bytes before its data
 * @param bytes       size of the file when it was opened
 */
public record SourceFile(Path path, long headerBytes, long bytes) {
    /** Refuses null. */
    public SourceFile {
        Objects.requireNonNull(path, "path");
    }

    /**
     * {@return a GGUF file as a source}
     *
     * @param file an opened file
     */
    public static SourceFile of(GgufFile file) {
        Objects.requireNonNull(file, "file");
        return new SourceFile(file.path(), file.dataOffset(), file.fileBytes());
    }
}
