package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes a directory of libraries whose quantizer fails on request; see failing-ggml.c. */
final class FailingLibrary {

    private FailingLibrary() {}

    /** Takes the bundled libraries, and puts failing ones before those that are called. */
    static Path make(Path directory) throws IOException, InterruptedException {
        Path bundled = NativeLibrary.load().directory();
        LibraryFiles files = LibraryFiles.find(bundled, Platform.host());
        List<Path> failing = List.of(files.base(), files.ggml(), files.llama());
        Files.createDirectories(directory);
        try (var all = Files.list(bundled)) {
            for (Path file : all.filter(path -> !failing.contains(path)).toList()) {
                link(directory.resolve(file.getFileName()), file);
            }
        }
        Path source = directory.resolve("failing-ggml.c");
        try (InputStream code = FailingLibrary.class.getResourceAsStream("/native/failing-ggml.c")) {
            Files.copy(code, source);
        }
        // the JVM looks symbols up in all libraries it has loaded, in no particular order: so each has to fail
        for (Path library : failing) {
            compile(source, directory.resolve(library.getFileName()), files, bundled);
        }
        return directory;
    }

    private static void compile(Path source, Path library, LibraryFiles files, Path bundled)
            throws InterruptedException {
        try {
            Process compiler = new ProcessBuilder(List.of(
                            "cc",
                            "-shared",
                            "-fPIC",
                            "-pthread",
                            "-o",
                            library.toString(),
                            "-Wl,--no-as-needed",
                            "-Wl,-soname,failing-" + library.getFileName(),
                            source.toString(),
                            files.base().toString(),
                            files.ggml().toString(),
                            files.llama().toString(),
                            "-l:libstdc++.so.6",
                            "-Wl,-rpath," + bundled))
                    .inheritIO()
                    .start();
            assertThat(compiler.waitFor()).isZero();
        } catch (IOException e) {
            assumeTrue(false, "no cc on the PATH to make another library with");
        }
    }

    private static void link(Path link, Path file) throws IOException {
        try {
            Files.createLink(link, file);
        } catch (FileSystemException e) { // another file system
            Files.copy(file, link);
        }
    }
}
