package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Symbols;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
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
     * Loads them, for good, and has the bindings look their functions up there.
     *
     * @param check runs when {@code base} is loaded and before the others are, so that a wrong version goes no further
     * @throws UnsatisfiedLinkError   if one cannot be loaded, in the words of the system's loader
     * @throws io.github.expogguf.NativeLibraryException if one is, or would be, linked to another ggml than
     *                                                   {@code base}
     */
    void load(Runnable check) {
        BindingCheck.requireNoneForEverybody();
        SymbolLookup inBase = open(base);
        Symbols.lookIn(inBase);
        check.run();
        SymbolLookup inGgml = open(ggml);
        BindingCheck.requireLinked(inBase, inGgml, ggml);
        SymbolLookup inLlama = open(llama);
        BindingCheck.requireLinked(inBase, inLlama, llama);
        Symbols.lookIn(inBase.or(inGgml).or(inLlama));
    }

    /**
     * Opens a library by itself: {@link System#load} would tie it to one class loader for as long as the JVM runs, and
     * have its functions stand beside those of all others that this one has loaded.
     */
    @SuppressWarnings("restricted") // what this project is about
    private static SymbolLookup open(Path library) {
        Path file = library.toAbsolutePath();
        DynamicLoader.link(file);
        try {
            return SymbolLookup.libraryLookup(file, Arena.global());
        } catch (IllegalArgumentException cannotOpen) { // which has no reason; this fails in the same way and has
            try {
                System.load(file.toString());
            } catch (UnsatisfiedLinkError reason) {
                throw new UnsatisfiedLinkError(withRemedy(String.valueOf(reason.getMessage()), file));
            }
            throw cannotOpen;
        }
    }

    /** glibc's and musl's words where code may not be mapped. */
    static String withRemedy(String reason, Path file) {
        return reason.contains("failed to map segment") || reason.contains("Operation not permitted")
                ? reason + "; " + file.getParent() + " seems to be mounted noexec: mount it without, or "
                        + CachePlaces.REMEDY
                : reason;
    }
}
