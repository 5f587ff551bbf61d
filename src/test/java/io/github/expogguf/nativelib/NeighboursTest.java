package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Other builds of llama.cpp in the process, and other copies of this one. */
@EnabledOnOs(OS.LINUX)
class NeighboursTest {

    @TempDir
    private static Path neighbour;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeABuildWithTheUsualNames() throws IOException {
        withUsualNames(neighbour);
    }

    /** The bundled libraries as they were before they got names of their own; which no test may have in one process. */
    private static void withUsualNames(Path directory) throws IOException {
        Path bundled = NativeLibrary.load().directory();
        LibraryFiles files = LibraryFiles.find(bundled, Platform.host());
        String tag = files.base().getFileName().toString().replaceAll("lib(x[0-9a-z]{3})-base[.]so", "$1");
        assertThat(tag).as("a name of its own").hasSize(4);
        try (var all = Files.list(bundled)) {
            for (Path file : all.filter(each -> each.toString().endsWith(".so")).toList()) {
                String usual = Files.readString(file, StandardCharsets.ISO_8859_1)
                        .replace("lib" + tag + "a.", "libllama.")
                        .replace("lib" + tag, "libggml");
                Files.writeString(
                        directory.resolve(file.getFileName()
                                .toString()
                                .replace(tag + "a.", "llama.")
                                .replace(tag, "ggml")),
                        usual,
                        StandardCharsets.ISO_8859_1);
            }
        }
    }

    @Test
    void anotherBuildThatJniHasLoadedIsNoneOfOurs() throws Exception {
        assertThat(probe("jni", neighbour).output()).isEqualTo("loaded " + version() + ", 1 device\n");
    }

    @Test
    void twoBuildsOfOneNameAreTold() throws Exception {
        withUsualNames(directory);
        ChildJvm jvm = probe("jni", neighbour, directory);
        assertThat(jvm.output())
                .contains("here=" + directory + ": " + directory + "/libggml.v")
                .contains(".so is linked to another ggml, which this process has loaded before; take the bundled");
        assertThat(jvm.exitCode()).isZero();
    }

    @Test
    void aBuildThatIsLoadedForEverybodyIsTold() throws Exception {
        ChildJvm jvm = probe("global", neighbour);
        assertThat(jvm.output()).contains("this process has loaded another ggml for all libraries (RTLD_GLOBAL)");
        assertThat(jvm.exitCode()).isZero();
    }

    @Test
    void aBuildThatIsLoadedForEverybodyLaterChangesNothing() throws Exception {
        assertThat(probe("global-later", neighbour).output()).isEqualTo("loaded " + version() + ", 1 device\n");
    }

    @Test
    void twoClassLoadersHaveACopyEachAndHearTheirOwn() throws Exception {
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(), TwoLoadersProbe.class);
        assertThat(jvm.output()).isEqualTo("400 heard, loaded true\n");
        assertThat(jvm.errors()).isEmpty();
    }

    @Test
    void whenNativeCodeGivesUpBothCopiesCleanUp() throws Exception {
        Path first = Files.createFile(directory.resolve("first"));
        Path second = Files.createFile(directory.resolve("second"));
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(), TwoLoadersProbe.class, first.toString(), second.toString());
        assertThat(jvm.errors()).matches("expo-gguf: error: the second copy: llama.cpp gave up: .*GGML_ASSERT.*\n");
        assertThat(jvm.exitCode()).isEqualTo(NativeAbort.EXIT_CODE);
        assertThat(first).doesNotExist();
        assertThat(second).doesNotExist();
    }

    private static ChildJvm probe(String how, Path... directories) throws Exception {
        String[] arguments = new String[1 + directories.length];
        arguments[0] = how;
        for (int i = 0; i < directories.length; i++) {
            arguments[1 + i] = directories[i].toString();
        }
        return ChildJvm.run(Map.of(), List.of(), NeighbourProbe.class, arguments);
    }

    private static String version() {
        return NativeLibrary.load().llamaVersion();
    }
}
