package io.github.expogguf;

import java.nio.file.FileSystemException;

/**
 * Another run, of this process or another one, is writing the output; nothing was changed, and trying again when that
 * run has ended will do. {@link #getFile} is the output.
 */
public final class OutputInUseException extends FileSystemException {

    private static final long serialVersionUID = 1L;

    /**
     * A failure with what there is to know about it.
     *
     * @param output the file that is being written
     */
    public OutputInUseException(String output) {
        super(output, null, "another run is writing this file");
    }
}
