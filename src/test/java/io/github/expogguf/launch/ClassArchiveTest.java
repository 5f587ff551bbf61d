package io.github.expogguf.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.nativelib.LibraryCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX) // as the launcher's own test
class ClassArchiveTest {

    @TempDir
    private Path directory;

    private Path cache;
    private Path jar;

    @BeforeEach
    void makeJar() throws IOException {
        cache = directory.resolve("cache");
        jar = StandIn.jar(directory);
    }

    private String run(Map<String, String> environment, String... words) throws Exception {
        return run(0, environment, words);
    }

    private String run(int exitCode, Map<String, String> environment, String... words) throws Exception {
        Path java = JavaSearch.executable(Path.of(System.getProperty("java.home")));
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of(java.toString(), "-jar", jar.toString()), Stream.of(words))
                        .toList());
        builder.environment().put("EXPO_GGUF_CACHE", cache.toString());
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(exitCode);
        return output;
    }

    /** The only file of the cache. */
    private Path archive() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            List<Path> all = files.toList();
            assertThat(all).singleElement().asString().endsWith(".jsa");
            return all.getFirst();
        }
    }

    @Test
    void isWrittenByTheFirstCommandAndMappedByTheNext() throws Exception {
        Files.createDirectory(cache);
        String first = run(Map.of(), "extrapolate");
        assertThat(first).startsWith("pid=").contains("archive=false");
        Path archive = archive();

        assertThat(run(Map.of(), "extrapolate")).startsWith("pid=").contains("archive=true");
        assertThat(archive()).isEqualTo(archive);
    }

    /** Most classes are those that come last. */
    @Test
    void isNotWrittenByACommandThatFails() throws Exception {
        Files.createDirectory(cache);
        run(7, Map.of(), "extrapolate", "exit", "7");
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void thatOfAChangedJarTakesThePlaceOfTheOther() throws Exception {
        Files.createDirectory(cache);
        run(Map.of(), "extrapolate");
        Path archive = archive();
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));

        assertThat(run(Map.of(), "extrapolate")).contains("archive=false");
        assertThat(archive()).isNotEqualTo(archive);
        assertThat(run(Map.of(), "extrapolate")).contains("archive=true");
    }

    @Test
    void oneThatIsBrokenDoesNoHarm() throws Exception {
        Files.createDirectory(cache);
        run(Map.of(), "extrapolate");
        Files.writeString(archive(), "no archive");

        assertThat(run(Map.of(), "extrapolate")).startsWith("pid=").contains("archive=false");
    }

    @Test
    void thereIsNoneWithoutACacheOfOnesOwnOrBesideOptionsOrForCommandsThatLook() throws Exception {
        run(Map.of(), "extrapolate");
        assertThat(cache).doesNotExist();

        Files.createDirectory(cache);
        run(Map.of("EXPO_GGUF_JAVA_OPTS", "-Xmx1g"), "extrapolate");
        run(Map.of(), "version");
        run(Map.of(), "/a.gguf"); // no command
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxr-x"));
        run(Map.of(), "extrapolate");
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void standsWhereTheLibrariesStand() {
        for (String system : List.of("Linux", "Mac OS X", "Windows 11")) {
            for (Map<String, String> environment : List.of(
                    Map.<String, String>of(),
                    Map.of("XDG_CACHE_HOME", "/xdg", "LOCALAPPDATA", "/local"),
                    Map.of("XDG_CACHE_HOME", "relative", "LOCALAPPDATA", "relative"),
                    Map.of("EXPO_GGUF_CACHE", "/named"))) {
                UnaryOperator<String> properties = Map.of("user.home", "/home/me")::get;
                assertThat(ClassArchive.cache(system, properties, environment::get))
                        .as("%s %s", system, environment)
                        .isEqualTo(LibraryCache.usual(system, properties, environment::get));
            }
        }
        assertThat(ClassArchive.cache("Linux", Map.of("user.home", "?")::get, Map.<String, String>of()::get))
                .isNull();
    }
}
