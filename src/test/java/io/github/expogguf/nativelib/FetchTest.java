package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What Maven runs before it compiles, with an npm of the test's own on the PATH. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the other npm is a shell script")
class FetchTest {

    @TempDir
    private Path directory;

    private Path nativeDirectory;
    private Path programs;

    @BeforeEach
    void copyTheScripts() throws IOException {
        nativeDirectory = Files.createDirectory(directory.resolve("native"));
        programs = Files.createDirectory(directory.resolve("programs"));
        for (String name : List.of("pinned.txt", "LICENSE.llama.cpp")) {
            Files.copy(Path.of("native", name), nativeDirectory.resolve(name));
        }
        for (String name : List.of("fetch", "names")) {
            Path copy = Files.createDirectory(nativeDirectory.resolve(name));
            try (Stream<Path> files = Files.list(Path.of("native", name))) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
    }

    @Test
    void whatIsThereAndRightIsLeftAlone() throws Exception {
        Path libraries = libraries();
        String list = Files.readString(libraries.resolve("files.txt"));
        assertThat(run("Fetch", "linux-arm64")).isEqualTo("0\n"); // with no npm on the PATH
        assertThat(libraries.resolve("files.txt")).hasContent(list);
    }

    @Test
    void librariesOfABuildOfOnesOwnAreKept() throws Exception {
        Path libraries = libraries();
        Path list = libraries.resolve("files.txt");
        Files.writeString(list, Files.readString(list).replaceFirst("# @.*", "# llama.cpp v0.5.0 built from source"));
        assertThat(run("Fetch", "linux-arm64"))
                .startsWith(
                        "0\nfetch: keeping native/build/linux-arm64 (llama.cpp v0.5.0 built from source, v0.5.0); delete it to have @node-llama-cpp/");
    }

    @Test
    void withoutNpmItSaysWhatToInstall() throws Exception {
        Files.writeString(libraries().resolve("libxabc-base.so"), "damaged");
        assertThat(run("Fetch", "linux-arm64,mac-x64")).isEqualTo("""
                        1
                        fetch: no npm on the PATH: install Node.js 20 or newer, or build the libraries yourself (make native-source)
                        """);
    }

    @Test
    void anotherPackageThanTheRecordedOneIsRefused() throws Exception {
        npm("echo anything >package.tgz");
        assertThat(run("Fetch", "linux-arm64"))
                .matches(
                        "(?s)1\nfetch: @node-llama-cpp/linux-arm64@[\\d.]+: digest is sha512-\\S+, expected sha512-.*");
        assertThat(nativeDirectory.resolve("build")).isEmptyDirectory();
    }

    @Test
    void failuresOfNpmAreShown() throws Exception {
        npm("echo no such package; exit 3");
        assertThat(run("Fetch", "linux-arm64"))
                .matches("1\nfetch: npm pack --loglevel=error \\S+ failed: no such package\n");
    }

    @Test
    void packagesAreUnpackedWithNamesThatFitNoHeader() throws Exception {
        String prefix = "package/" + "a-directory-with-a-long-name/".repeat(5);
        List<String> names =
                List.of("package/short.txt", prefix + "f.txt", prefix + "name-in-a-header-of-its-own.txt".repeat(4));
        for (String name : names) {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }
        Path archive = directory.resolve("made.tgz");
        List<String> command = new ArrayList<>(List.of("tar", "--format=pax", "-czf", archive.toString()));
        command.addAll(names);
        assertThat(new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .start()
                        .waitFor())
                .isZero();
        npm("/bin/cp '" + archive + "' package.tgz");
        String integrity = "sha512-"
                + Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive)));
        Path target = directory.resolve("target");
        assertThat(run("Unpack", "any@1", integrity, target.toString())).isEqualTo("0\n");
        for (String name : names) {
            assertThat(target.resolve(name)).hasContent(name);
        }
    }

    /** As they are there when they were fetched. */
    private Path libraries() throws IOException {
        Path libraries = Files.createDirectories(nativeDirectory.resolve("build/linux-arm64"));
        List<String> pin;
        try (Stream<String> lines = Files.lines(nativeDirectory.resolve("pinned.txt"))) {
            pin = lines.filter(line -> line.startsWith("linux-arm64 "))
                    .map(line -> Arrays.asList(line.split(" +")))
                    .findFirst()
                    .orElseThrow();
        }
        Path base = Files.writeString(libraries.resolve("libxabc-base.so"), "a library");
        Files.writeString(
                libraries.resolve("files.txt"),
                "# %s\n# llama.cpp %s\n%s 9 libxabc-base.so\n"
                        .formatted(pin.get(2), pin.get(1), Sha256.of(Files.readAllBytes(base))));
        return libraries;
    }

    private void npm(String script) throws IOException {
        Path npm = Files.writeString(programs.resolve("npm"), "#!/bin/sh\n" + script + "\n");
        assertThat(npm.toFile().setExecutable(true)).isTrue();
    }

    /** Exit code and output. */
    private String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "fetch/" + program + ".java"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(nativeDirectory.toFile()).redirectErrorStream(true);
        builder.environment().put("PATH", programs.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + "\n" + output;
    }
}
