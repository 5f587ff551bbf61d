package io.github.expogguf.run;

import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.Shards;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Refuses outputs that would harm something, before anything is written. */
final class OutputGuard {

    private final List<GgufFile> inputs;
    private final boolean force;

    /**
     * @param inputs every file of both models
     * @param force  whether existing files may be replaced
     */
    OutputGuard(List<GgufFile> inputs, boolean force) {
        this.inputs = inputs;
        this.force = force;
    }

    /**
     * Checks every file of the outputs.
     *
     * @throws IllegalArgumentException   if an output is an input, by whatever path or link
     * @throws FileAlreadyExistsException if an output exists and may not be replaced
     * @throws FileSystemException        if a directory is missing or has not enough room
     */
    void check(List<PlannedOutput> outputs) throws IOException {
        Map<FileStore, Long> needed = new HashMap<>();
        for (PlannedOutput output : outputs) {
            for (Shards.Shard shard : output.shards().files()) {
                Path directory = shard.path().toAbsolutePath().getParent();
                if (!Files.isDirectory(directory)) {
                    throw new NoSuchFileException(
                            directory.toString(), null, "the directory of the output does not exist");
                }
                check(shard.path());
                needed.merge(Files.getFileStore(directory), shard.layout().fileBytes(), Math::addExact);
            }
        }
        for (FileStore store : needed.keySet()) {
            long usable = store.getUsableSpace();
            if (usable < needed.get(store)) {
                throw new FileSystemException(store.toString(), null,
                        "no room: the output takes " + needed.get(store) + " bytes, " + usable + " are free");
            }
        }
    }

    private void check(Path output) throws IOException {
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
}
