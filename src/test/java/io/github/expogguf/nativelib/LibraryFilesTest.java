package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryFilesTest {

    private static final Platform LINUX = Platform.of("Linux", "amd64");

    @TempDir
    private Path directory;

    private Path file(String name) throws IOException {
        return Files.createFile(directory.resolve(name));
    }

    @Test
    void findsPackagedLibrariesByTheirVersionedNames() throws IOException {
        Path base = file("libggml-base.so");
        file("libggml-cpu-x64.so");
        Path ggml = file("libggml.v0.4.0.so");
        Path llama = file("libllama.v0.4.0.so");
        assertThat(LibraryFiles.find(directory, LINUX)).isEqualTo(new LibraryFiles(base, ggml, llama));
    }

    @Test
    void takesTheShortestNameOfAnInstalledBuild() throws IOException {
        for (String name : new String[] {"libggml-base", "libggml", "libllama"}) {
            file(name + ".so.0.23.0");
            file(name + ".so");
            file(name + ".so.0");
        }
        assertThat(LibraryFiles.find(directory, LINUX).ggml()).hasFileName("libggml.so");
    }

    @Test
    void takesWhatTheListNamesAndNotWhatAnEarlierVersionLeft() throws IOException {
        Path base = file("libggml-base.so");
        file("libggml.v0.4.0.so");
        file("libllama.v0.4.0.so");
        Path ggml = file("libggml.v0.5.0.so");
        Path llama = file("libllama.v0.5.0.so");
        String line = "0".repeat(64) + " 0 ";
        Files.writeString(
                directory.resolve("files.txt"),
                "# a test\n# llama.cpp v0.5.0\n" + line + "libggml-base.so\n" + line + "libggml.v0.5.0.so\n" + line
                        + "libllama.v0.5.0.so\n");
        assertThat(LibraryFiles.find(directory, LINUX)).isEqualTo(new LibraryFiles(base, ggml, llama));
    }

    @Test
    void namesTheLibraryThatIsMissing() throws IOException {
        file("libggml-base.so");
        file("libggml.so");
        assertThatThrownBy(() -> LibraryFiles.find(directory, LINUX))
                .hasMessage("no llama library for linux-x64 in " + directory);
    }

    @Test
    void saysWhetherTheDirectoryIsMissingOrNone() throws IOException {
        assertThatThrownBy(() -> LibraryFiles.find(directory.resolve("gone"), LINUX))
                .hasMessage(directory.resolve("gone") + " does not exist");
        Path plain = file("plain");
        assertThatThrownBy(() -> LibraryFiles.find(plain, LINUX)).hasMessage(plain + " is not a directory");
    }
}
