package io.github.expogguf.run.output;

import io.github.expogguf.gguf.SourceFile;
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
import java.util.Locale;
import java.util.Map;

/** Refuses outputs that would harm something, before anything is written. */
public final class OutputGuard {

    private static final String WAY_OUT = "; make room, or write to another disk";

    /** As /proc, or one that is gone meanwhile. */
    static final String TAKES_NO_FILES = "cannot be written: its directory takes no files";

    private final FileSystem fileSystem;
    private final List<SourceFile> inputs;

    /** @param inputs every file of both models */
    public OutputGuard(FileSystem fileSystem, List<SourceFile> inputs) {
        this.fileSystem = fileSystem;
        this.inputs = inputs;
    }

    /**
     * Checks where every file of the outputs is to go.
     *
     * @throws IllegalArgumentException if an output is an input, by whatever path or link
     * @throws FileSystemException      if a directory is missing, or in the place of a file
     */
    public void checkPlaces(List<PlannedOutput> outputs) throws IOException {
        for (PlannedOutput output : outputs) {
            for (Path path : output.paths()) {
                checkPlace(path);
            }
        }
    }

    /**
     * Checks where one file is to go, and that nothing is there that may not be replaced.
     *
     * @throws FileAlreadyExistsException if there is
     */
    public void checkPlace(Path output, boolean force) throws IOException {
        checkPlace(output);
        if (!force && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(output.toString(), null, "exists and would be replaced");
        }
    }

    private void checkPlace(Path output) throws IOException {
        requireDirectory(output);
        for (SourceFile input : inputs) {
            if (Files.exists(output) && Files.isSameFile(output, input.path())) {
                throw new IllegalArgumentException(output + ": the output is one of the inputs (" + input.path() + ")");
            }
        }
        if (Files.isDirectory(output)) {
            throw new FileAlreadyExistsException(output.toString(), null, "is a directory");
        }
    }

    /**
     * Checks that a file has a directory to be in.
     *
     * @throws FileSystemException if it has none; names it as it was given
     */
    public static void requireDirectory(Path output) throws IOException {
        if (output.toAbsolutePath().getParent() == null) {
            throw new FileAlreadyExistsException(output.toString(), null, "is a directory");
        }
        Path given = output.getParent();
        Path directory = given == null ? PartialFile.directory(output) : given;
        if (Files.isDirectory(directory)) {
            return;
        }
        Path there = directory;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw new FileSystemException(
                    there.toString(), null, "a file, where the output " + output + " needs a directory");
        }
        throw new NoSuchFileException(
                directory.toString(), null, "the directory of the output does not exist; make it first");
    }

    /**
     * Checks that the disks have room for what has still to be written, all files of a disk together.
     *
     * @throws FileSystemException if one has not
     */
    public void checkRoom(List<UnfinishedOutput> outputs) throws IOException {
        Map<FileStore, Long> needed = new HashMap<>();
        for (UnfinishedOutput output : outputs) {
            long[] missing = output.missingBytes();
            for (int i = 0; i < missing.length; i++) {
                Path directory = PartialFile.directory(output.files().get(i).target());
                needed.merge(Files.getFileStore(directory), missing[i], Math::addExact);
            }
        }
        for (Map.Entry<FileStore, Long> store : needed.entrySet()) {
            checkRoom(outputs.getFirst().path(), store.getKey(), store.getValue());
        }
    }

    /** Checks that the disk of one file has room for all of it. */
    public void checkRoom(Path output, long bytes) throws IOException {
        checkRoom(output, Files.getFileStore(PartialFile.directory(output)), bytes);
    }

    /** Checks that the disk of a file has any room; how much it needs, nobody knows yet. */
    public void checkAnyRoom(Path output) throws IOException {
        FileStore store = Files.getFileStore(PartialFile.directory(output));
        if (fileSystem.usableBytes(store) == 0) {
            requireSpace(output, store);
            throw new FileSystemException(output.toString(), null, "no room: " + store + " is full" + WAY_OUT);
        }
    }

    private static void requireSpace(Path output, FileStore store) throws IOException {
        if (store.getTotalSpace() == 0) {
            throw new FileSystemException(output.toString(), null, TAKES_NO_FILES);
        }
    }

    private void checkRoom(Path output, FileStore store, long bytes) throws IOException {
        long usable = fileSystem.usableBytes(store);
        if (usable < bytes) {
            requireSpace(output, store);
            throw new FileSystemException(
                    output.toString(),
                    null,
                    String.format(
                            Locale.ROOT,
                            "no room: %,d bytes are needed on %s, %,d are free" + WAY_OUT,
                            bytes,
                            store,
                            usable));
        }
    }
}
