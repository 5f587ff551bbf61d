package io.github.expogguf.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisabledOnOs(OS.WINDOWS) // permissions and links
class JavaSearchTest {

    @TempDir
    private Path home;

    private final Map<String, String> environment = new HashMap<>();

    private Path install(String directory, String release) throws IOException {
        Path java = home.resolve(directory);
        Files.createDirectories(java.resolve("bin"));
        Files.createFile(
                java.resolve("bin/java"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(java.resolve("release"), release);
        return java;
    }

    private static String release(String version) {
        return "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\nMODULES=\"java.base\"\n";
    }

    /** An operating system without usual places: what the machine has installed must not matter here. */
    private Path find() {
        return new JavaSearch("windows of a test", home.toString(), environment).find();
    }

    @ParameterizedTest
    @CsvSource({"1.8.0_392, 8", "17.0.15, 17", "25, 25", "25.0.2, 25", "26-ea, 26", "'', 0", "unknown, 0"})
    void readsEveryFormOfVersion(String version, int feature) {
        assertThat(JavaSearch.feature(version)).isEqualTo(feature);
    }

    @Test
    void readsTheReleaseFileOfAnInstalledJava() throws IOException {
        assertThat(JavaSearch.version(install("a", release("25.0.1")))).isEqualTo(25);
        assertThat(JavaSearch.version(install("b", "no version here"))).isZero();
        assertThat(JavaSearch.version(home.resolve("missing"))).isZero();
        Path withoutProgram = install("c", release("25"));
        Files.delete(withoutProgram.resolve("bin/java"));
        assertThat(JavaSearch.version(withoutProgram)).isZero();
    }

    @Test
    void thisJavaIsReadLikeAnyOther() {
        assertThat(JavaSearch.version(JavaSearch.runningHome()))
                .isEqualTo(JavaSearch.runningVersion())
                .isEqualTo(Runtime.version().feature());
    }

    @Test
    void takesTheNewestOfTheUsualPlaces() throws IOException {
        install(".sdkman/candidates/java/25.0.2-tem", release("25.0.2"));
        Path newest = install(".jdks/temurin-26", release("26"));
        install(".jdks/corretto-21", release("21.0.8"));
        assertThat(find()).isEqualTo(newest);
    }

    @Test
    void javaHomeAndThenThePathComeFirstIfTheyAreNewEnough() throws IOException {
        install(".jdks/temurin-26", release("26"));
        Path onPath = install("somewhere/jdk", release("25.0.2"));
        Path bin = Files.createDirectories(home.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), onPath.resolve("bin/java"));
        environment.put("PATH", home.resolve("nothing") + ":" + bin);
        assertThat(find()).isEqualTo(onPath.toRealPath());
        Path old = install("old", release("17.0.15"));
        environment.put("JAVA_HOME", old.toString());
        assertThat(find()).isEqualTo(onPath.toRealPath());
        Path chosen = install("chosen", release("25"));
        environment.put("JAVA_HOME", chosen.toString());
        assertThat(find()).isEqualTo(chosen);
    }

    @Test
    void looksWhereWindowsInstallersPutIt() throws IOException {
        Path java = install("Program Files/Eclipse Adoptium/jdk-25.0.2.10-hotspot", release("25.0.2"));
        environment.put("ProgramFiles", home.resolve("Program Files").toString());
        assertThat(find()).isEqualTo(java);
    }

    @Test
    void findsNothingWhereEverythingIsTooOld() throws IOException {
        install(".jdks/corretto-21", release("21.0.8"));
        assertThat(find()).isNull();
    }

    @Test
    void looksWhereMacOsInstallersPutIt() throws IOException {
        Path java = install("Library/Java/JavaVirtualMachines/temurin-25.jdk/Contents/Home", release("25.0.2"));
        assertThat(new JavaSearch("Mac OS X", home.toString(), environment).usualPlaces())
                .contains(java);
    }
}
