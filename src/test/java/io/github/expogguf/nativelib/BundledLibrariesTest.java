package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS) // permissions, and a jar that a class loader keeps open
class BundledLibrariesTest {

    private static final Platform PLATFORM = new Platform("linux", "x64");
    private static final Map<String, String> FILES = Map.of("libggml-base.so", "base", "libllama.so", "llama!");

    @TempDir
    private Path directory;

    private Path cache;

    @BeforeEach
    void nameCache() {
        cache = directory.resolve("cache");
    }

    private static String line(String name, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return Sha256.of(bytes) + " " + bytes.length + " " + name + "\n";
    }

    private static String filesTxt() {
        StringBuilder text = new StringBuilder("# a test\n# llama.cpp v0.5.0\n");
        FILES.forEach((name, content) -> text.append(line(name, content)));
        return text.toString();
    }

    private BundledLibraries jar(Map<String, String> files, String list) throws IOException {
        Path jar = Files.createTempFile(directory, "test", ".jar"); // Java keeps open jars in a cache by their name
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                entries.putNextEntry(new JarEntry("native/linux-x64/" + file.getKey()));
                entries.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
            entries.putNextEntry(new JarEntry("native/linux-x64/files.txt"));
            entries.write(list.getBytes(StandardCharsets.UTF_8));
        }
        return BundledLibraries.of(new URLClassLoader(new URL[] {jar.toUri().toURL()}, null), PLATFORM);
    }

    private Path unpack(BundledLibraries bundled) throws IOException {
        return bundled.directory(bundled.list(), () -> List.of(new CachePlaces.Place(cache, false)));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void unpacksEveryListedFileIntoADirectoryOfThisVersion() throws IOException {
        Path unpacked = unpack(jar(FILES, filesTxt()));
        assertThat(unpacked.getParent()).isEqualTo(cache);
        assertThat(unpacked.getFileName().toString()).matches("llama[.]cpp-v0[.]5[.]0-[0-9a-f]{16}");
        assertThat(names(unpacked)).containsExactly("libggml-base.so", "libllama.so");
        assertThat(unpacked.resolve("libllama.so")).hasContent("llama!");
        assertThat(permissions(unpacked)).isEqualTo("rwx------");
        assertThat(permissions(unpacked.resolve("libllama.so"))).isEqualTo("rw-------"); // with any umask
        assertThat(names(cache)).hasSize(1);
    }

    @Test
    void unpacksInAThreadThatIsInterrupted() throws IOException {
        Thread.currentThread().interrupt();
        try {
            assertThat(unpack(jar(FILES, filesTxt())).resolve("libllama.so")).hasContent("llama!");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void unpacksOnce() throws IOException {
        BundledLibraries bundled = jar(FILES, filesTxt());
        Path file = unpack(bundled).resolve("libllama.so");
        FileTime longAgo = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(file, longAgo);
        unpack(bundled);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(longAgo);
    }

    @Test
    void otherFilesGoToAnotherDirectory() throws IOException {
        Path first = unpack(jar(FILES, filesTxt()));
        assertThat(unpack(jar(FILES, filesTxt() + "# another\n"))).isNotEqualTo(first);
    }

    @Test
    void repairsADamagedDirectory() throws IOException {
        BundledLibraries bundled = jar(FILES, filesTxt());
        Path unpacked = unpack(bundled);
        Files.writeString(unpacked.resolve("libllama.so"), "cut");
        Files.delete(unpacked.resolve("libggml-base.so"));
        assertThat(unpack(bundled)).isEqualTo(unpacked);
        assertThat(unpacked.resolve("libllama.so")).hasContent("llama!");
        assertThat(unpacked.resolve("libggml-base.so")).hasContent("base");
        assertThat(names(cache)).hasSize(1);
    }

    @Test
    void takesNoLinkForALibrary() throws IOException {
        BundledLibraries bundled = jar(FILES, filesTxt());
        Path file = unpack(bundled).resolve("libllama.so");
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "llama?");
        Files.delete(file);
        Files.createSymbolicLink(file, elsewhere);
        unpack(bundled);
        assertThat(file).isRegularFile().hasContent("llama!");
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }

    @Test
    void refusesWhatOthersCanWrite() throws IOException {
        BundledLibraries bundled = jar(FILES, filesTxt());
        Path unpacked = unpack(bundled);
        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> unpack(bundled)).hasMessageContaining(unpacked + " can be written by others");
        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwx------"));
        Path file = unpacked.resolve("libllama.so");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> unpack(bundled)).hasMessageContaining(file + " can be written by others");
    }

    @Test
    void refusesContentOfAnotherDigestAndLeavesNothing() throws IOException {
        BundledLibraries bundled = jar(Map.of("libggml-base.so", "base", "libllama.so", "changed"), filesTxt());
        assertThatThrownBy(() -> unpack(bundled))
                .hasMessageContaining("libllama.so: SHA-256 is ")
                .hasMessageContaining(", files.txt says ");
        assertThat(names(cache)).isEmpty();
    }

    @Test
    void refusesAListThatNamesOtherPlaces() throws IOException {
        BundledLibraries bundled = jar(Map.of(), "# a test\n" + line("../escape.so", "base"));
        assertThatThrownBy(() -> unpack(bundled)).hasMessageEndingWith("../escape.so' is not 'sha256 bytes name'");
        BundledLibraries missing = jar(Map.of(), filesTxt());
        assertThatThrownBy(() -> unpack(missing)).hasMessageEndingWith("which is not there");
    }

    @Test
    void manyAtOnceEndWithOneDirectory() throws Exception {
        BundledLibraries bundled = jar(FILES, filesTxt());
        List<Callable<Path>> tasks = Collections.nCopies(16, () -> unpack(bundled));
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 5; round++) {
                cache = directory.resolve("cache" + round);
                Set<Path> results = new HashSet<>();
                for (Future<Path> result : threads.invokeAll(tasks)) {
                    results.add(result.get());
                }
                assertThat(results).hasSize(1);
                assertThat(names(results.iterator().next())).containsExactly("libggml-base.so", "libllama.so");
                assertThat(names(cache)).hasSize(1);
            }
        }
    }

    @Test
    void removesWhatAKilledProcessLeft() throws IOException {
        CacheDirectory.prepare(new CachePlaces.Place(cache, false));
        Path abandoned = Files.createDirectory(cache.resolve(".unpacking-1"));
        Files.writeString(abandoned.resolve("libllama.so"), "half");
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.EPOCH));
        Path running = Files.createDirectory(cache.resolve(".unpacking-2"));
        unpack(jar(FILES, filesTxt()));
        assertThat(abandoned).doesNotExist();
        assertThat(running).exists();
    }

    @Test
    void aPlatformThatIsNotBundledIsNamed() throws IOException {
        BundledLibraries bundled = BundledLibraries.of(getClass().getClassLoader(), new Platform("plan9", "mips"));
        assertThatThrownBy(bundled::list)
                .hasMessageStartingWith("there are no libraries for plan9-mips on the class path");
    }
}
