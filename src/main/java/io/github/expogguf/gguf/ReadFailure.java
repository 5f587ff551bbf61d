package io.github.expogguf.gguf;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;

/** What the operating system says of a failed read is {@code Input/output error}, and not of which file. */
public final class ReadFailure {

    private ReadFailure() {}

    /**
     * {@return the failure with the file's name, if it is one of the operating system; any other as it is}
     *
     * @param file    a file
     * @param failure what reading it failed with
     */
    public static IOException of(Path file, IOException failure) {
        Objects.requireNonNull(failure, "failure");
        if (failure.getClass() != IOException.class) {
            return failure;
        }
        FileSystemException named =
                new FileSystemException(file.toString(), null, "cannot be read: " + failure.getMessage());
        named.initCause(failure);
        return named;
    }
}
