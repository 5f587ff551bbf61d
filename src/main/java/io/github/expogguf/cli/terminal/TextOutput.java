package io.github.expogguf.cli.terminal;

import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.OutputGuard;
import io.github.expogguf.run.output.PartialFile;
import io.github.expogguf.run.output.SystemFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * A text file that is there as a whole or not at all.
 *
 * @param path  where it goes
 * @param force whether it may replace a file
 */
public record TextOutput(Path path, boolean force) {

    /** Refuses a place that cannot be written to, before any work. */
    public void check() throws IOException {
        check(SystemFiles.INSTANCE);
    }

    void check(FileSystem fileSystem) throws IOException {
        if (Files.isDirectory(path)) {
            throw new FileAlreadyExistsException(path.toString(), null, "is a directory");
        }
        OutputGuard.requireDirectory(path);
        if (!force && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null, "exists and would be replaced");
        }
        if (!Files.isWritable(path.resolveSibling(""))) {
            throw new AccessDeniedException(path.toString());
        }
        new OutputGuard(fileSystem, List.of()).checkAnyRoom(path);
    }

    /** Writes beside the place and moves. */
    public void write(String text) throws IOException {
        write(text, SystemFiles.INSTANCE);
    }

    void write(String text, FileSystem fileSystem) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try (PartialFile file = PartialFile.createUnshared(fileSystem, path)) {
            fill(file, bytes, fileSystem);
            file.moveIntoPlace(force);
        }
    }

    private void fill(PartialFile file, ByteBuffer bytes, FileSystem fileSystem) throws IOException {
        try {
            file.write(0, bytes);
            file.flush();
        } catch (IOException failed) { // which does not name the file, as on a full disk
            throw PartialFile.notWritten(fileSystem, path, bytes.limit(), failed);
        }
    }
}
