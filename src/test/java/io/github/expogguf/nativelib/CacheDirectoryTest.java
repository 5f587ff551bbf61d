package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS) // POSIX paths and permissions
class CacheDirectoryTest {

    @TempDir
    private Path directory;

    private static Path prepare(Path cache) throws IOException {
        return CacheDirectory.prepare(new CachePlaces.Place(cache, false));
    }

    private static CachePlaces.Place shared(Path directory) {
        return new CachePlaces.Place(directory, true);
    }

    private Object userId() throws IOException {
        return Files.getAttribute(directory, "unix:uid");
    }

    private static void giveAway(Path path) {
        try {
            Files.setAttribute(path, "unix:uid", 12345);
        } catch (IOException e) {
            assumeTrue(false, "only root can give a directory away");
        }
    }

    @Test
    void isCreatedForItsOwnerAlone() throws IOException {
        Path cache = directory.resolve("home/.cache/expo-gguf");
        assertThat(prepare(cache)).isEqualTo(cache);
        assertThat(prepare(cache)).isEqualTo(cache);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
                .isEqualTo("rwx------");
    }

    /** As a Kubernetes emptyDir with an fsGroup is. */
    @Test
    void isADirectoryOfItsOwnWhereOthersCanWrite() throws IOException {
        for (int mode : new int[] {02777, 02770, 0702}) {
            Path mount = Files.createDirectory(directory.resolve(Integer.toOctalString(mode)));
            Files.setAttribute(mount, "unix:mode", mode);
            Path cache = prepare(mount);
            assertThat(cache).isEqualTo(mount.resolve("expo-gguf-" + userId()));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
                    .isEqualTo("rwx------");
            assertThat(prepare(mount)).isEqualTo(cache);
        }
    }

    @Test
    void whatSomebodyElsePreparedInASharedPlaceIsRefused() throws IOException {
        Path inside = directory.resolve("expo-gguf-" + userId());
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createSymbolicLink(inside, elsewhere);
        assertThatThrownBy(() -> CacheDirectory.prepare(shared(directory))).hasMessage(inside + " is no directory");
        Files.delete(inside);

        Files.createDirectory(inside);
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rwxrwx---"));
        assertThatThrownBy(() -> CacheDirectory.prepare(shared(directory)))
                .hasMessageContaining(inside + " can be written by others (rwxrwx---)");

        giveAway(inside);
        assertThatThrownBy(() -> CacheDirectory.prepare(shared(directory)))
                .hasMessageContaining(inside + " belongs to user id 12345, not to ");
    }

    @Test
    void isRefusedWhereItBelongsToSomebodyElse() throws IOException {
        giveAway(directory);
        assertThatThrownBy(() -> prepare(directory)).hasMessageContaining("belongs to user id 12345, not to ");
        assertThatThrownBy(() -> CacheDirectory.prepare(shared(directory)))
                .hasMessageContaining("belongs to user id 12345, not to ");
    }

    @Test
    void aPlaceThatCannotBeCreatedIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> prepare(file.resolve("cache")))
                .hasMessageStartingWith("cannot create " + file.resolve("cache") + " to unpack into (")
                .hasMessageEndingWith(")");
    }
}
