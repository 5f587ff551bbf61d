package io.github.expogguf.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** The directory in which the targets put their files, one for the process. */
public final class Scratch {

    private static final Path DIRECTORY = create();

    private Scratch() {}

    private static Path create() {
        try {
            Path directory = Files.createTempDirectory("expo-fuzz-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // a few kilobytes among the temporary files are all that is left
        }
    }

    /** A file of the directory, which may be absent. */
    public static Path path(String name) {
        return DIRECTORY.resolve(name);
    }

    /** Writes a file of the directory. */
    public static Path write(String name, byte[] bytes) {
        try {
            return Files.write(path(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the files that are there. */
    public static java.util.List<String> names() {
        try (var files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
