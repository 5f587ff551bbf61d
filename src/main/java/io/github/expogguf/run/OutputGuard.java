package io.github.expogguf.run;

import io.github.expogguf.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Refuses outputs that would harm something, before anything is written. */
final class OutputGuard {

    private OutputGuard() {}

    /**
     * Checks every output file.
     *
     * @param outputs files that will be written
     * @param inputs  every file of both models
     * @param force   whether existing files may be replaced
     * @throws IllegalArgumentException   if an output is an input, by whatever path or link
     * @throws FileAlreadyExistsException if an output exists and may not be replaced
     * @throws FileSystemException        if the directory is missing or has not enough room
     */
    static void check(List<Path> outputs, long outputBytes, List<GgufFile> inputs, boolean force) throws IOException {
        Path directory = outputs.getFirst().toAbsolutePath().getParent();
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "the directory of the output does not exist");
        }
        for (Path output : outputs) {
            for (GgufFile input : inputs) {
                if (Files.exists(output) && Files.isSameFile(output, input.path())) {
                    throw new IllegalArgumentException(
                            output + ": the output is one of the inputs (" + input.path() + ")");
                }
            }
            if (Files.isDirectory(output)) {
                throw new FileAlreadyExistsException(output.toString(), null, "is a directory");
            }
            if (!force && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(output.toString(), null, "exists and would be replaced");
            }
        }
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (usable < outputBytes) {
            throw new FileSystemException(directory.toString(), null,
                    "no room: the output takes " + outputBytes + " bytes, " + usable + " are free");
        }
    }
}
