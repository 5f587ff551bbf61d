package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS) // POSIX paths and permissions
class CacheDirectoryTest {

    private static final Platform LINUX = Platform.of("Linux", "amd64");
    private static final Platform MAC = Platform.of("Mac OS X", "aarch64");
    private static final Platform WINDOWS = Platform.of("Windows 11", "amd64");

    @TempDir
    private Path directory;

    private static Path locate(Platform platform, Map<String, String> properties, Map<String, String> environment)
            throws IOException {
        return CacheDirectory.locate(platform, properties::get, environment::get);
    }

    @Test
    void isWhereEachSystemKeepsCaches() throws IOException {
        Map<String, String> home = Map.of("user.home", "/home/me");
        assertThat(locate(LINUX, home, Map.of())).isEqualTo(Path.of("/home/me/.cache/expo-gguf"));
        assertThat(locate(LINUX, home, Map.of("XDG_CACHE_HOME", "/xdg"))).isEqualTo(Path.of("/xdg/expo-gguf"));
        assertThat(locate(LINUX, home, Map.of("XDG_CACHE_HOME", "not/absolute")))
                .isEqualTo(Path.of("/home/me/.cache/expo-gguf"));
        assertThat(locate(MAC, home, Map.of("XDG_CACHE_HOME", "/xdg")))
                .isEqualTo(Path.of("/home/me/Library/Caches/expo-gguf"));
        assertThat(locate(WINDOWS, home, Map.of("LOCALAPPDATA", "/local"))).isEqualTo(Path.of("/local/expo-gguf"));
        assertThat(locate(WINDOWS, home, Map.of())).isEqualTo(Path.of("/home/me/AppData/Local/expo-gguf"));
    }

    @Test
    void canBeNamed() throws IOException {
        Map<String, String> environment = Map.of("EXPO_GGUF_CACHE", "/named");
        assertThat(locate(LINUX, Map.of(), environment)).isEqualTo(Path.of("/named"));
        assertThat(locate(LINUX, Map.of("expo.gguf.cache", "/property"), environment))
                .isEqualTo(Path.of("/property"));
    }

    @Test
    void aUserWithoutHomeIsToldWhatToSet() {
        assertThatThrownBy(() -> locate(LINUX, Map.of("user.home", "?"), Map.of()))
                .hasMessage("this user has no home directory to unpack into; set EXPO_GGUF_CACHE");
    }

    @Test
    void isCreatedForItsOwnerAlone() throws IOException {
        Path cache = directory.resolve("home/.cache/expo-gguf");
        CacheDirectory.prepare(cache);
        CacheDirectory.prepare(cache);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
                .isEqualTo("rwx------");
    }

    @Test
    void isRefusedWhereOthersCanWrite() throws IOException {
        for (String permissions : new String[] {"rwxrwx---", "rwx----w-"}) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
            assertThatThrownBy(() -> CacheDirectory.prepare(directory))
                    .hasMessageContaining("can be written by others (" + permissions + ")");
        }
    }

    @Test
    void isRefusedWhereItBelongsToSomebodyElse() throws IOException {
        try {
            Files.setAttribute(directory, "unix:uid", 12345);
        } catch (IOException e) {
            assumeTrue(false, "only root can give a directory away");
        }
        assertThatThrownBy(() -> CacheDirectory.prepare(directory))
                .hasMessageContaining("belongs to user id 12345, not to ");
    }

    @Test
    void aPlaceThatCannotBeCreatedIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> CacheDirectory.prepare(file.resolve("cache")))
                .hasMessageStartingWith("cannot create " + file.resolve("cache") + " to unpack into (")
                .hasMessageEndingWith("set EXPO_GGUF_CACHE");
    }
}
