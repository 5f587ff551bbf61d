package io.github.expogguf.nativelib;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The three libraries that the bindings call, in the order in which they need each other.
 *
 * @param base  types and quantizers
 * @param ggml  the registry of backends, which finds the CPU variants beside itself
 * @param llama models
 */
record LibraryFiles(Path base, Path ggml, Path llama) {

    private static final String LIST = "files.txt";

    /**
     * Finds them in a directory by their names, among those that its {@code files.txt} lists if it has one: a directory
     * of classes may still hold the libraries of an earlier build. The message of the exception names the first that is
     * missing.
     */
    static LibraryFiles find(Path directory, Platform platform) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw Files.exists(directory)
                    ? new NotDirectoryException(directory + " is not a directory")
                    : new NoSuchFileException(directory + " does not exist");
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.toList();
        }
        if (Files.isRegularFile(directory.resolve(LIST))) {
            Set<String> listed =
                    FileList.parse(Files.readAllBytes(directory.resolve(LIST))).names();
            files = files.stream()
                    .filter(file -> listed.contains(file.getFileName().toString()))
                    .toList();
        }
        return new LibraryFiles(
                find(directory, files, platform, "ggml-base"),
                find(directory, files, platform, "ggml"),
                find(directory, files, platform, "llama"));
    }

    private static Path find(Path directory, List<Path> files, Platform platform, String library)
            throws NoSuchFileException {
        Pattern name = platform.fileName(library);
        // an installed build has libggml.so, libggml.so.0 and libggml.so.0.25.1, the first two links to the last
        return files.stream()
                .filter(file -> name.matcher(file.getFileName().toString()).matches())
                .min(Comparator.comparingInt((Path file) -> file.toString().length())
                        .thenComparing(file -> file))
                .orElseThrow(() -> new NoSuchFileException(
                        "no " + library + " library for " + platform.id() + " in " + directory));
    }

    /**
     * Loads them into the class loader of this class, which is where the bindings look symbols up.
     *
     * @param check runs when {@code base} is loaded and before the others are, so that a wrong version goes no further
     */
    @SuppressWarnings("restricted") // System.load is what this project is about
    void load(Runnable check) {
        System.load(base.toAbsolutePath().toString());
        check.run();
        System.load(ggml.toAbsolutePath().toString());
        System.load(llama.toAbsolutePath().toString());
    }
}
