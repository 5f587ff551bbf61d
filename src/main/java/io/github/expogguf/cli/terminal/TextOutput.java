package io.github.expogguf.cli.terminal;

import io.github.expogguf.run.output.PartialFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A text file that is there as a whole or not at all.
 *
 * @param path  where it goes
 * @param force whether it may replace a file
 */
public record TextOutput(Path path, boolean force) {

    /** Refuses a place that cannot be written to, before any work. */
    public void check() throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new NoSuchFileException(
                    String.valueOf(directory), null, "the directory of the output does not exist");
        }
        if (Files.isDirectory(path)) {
            throw new FileAlreadyExistsException(path.toString(), null, "is a directory");
        }
        if (!force && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null, "exists and would be replaced");
        }
    }

    /** Writes beside the place and moves. */
    public void write(String text) throws IOException {
        try (PartialFile file = PartialFile.create(path)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            file.flush();
            file.moveIntoPlace(force);
        }
    }
}
