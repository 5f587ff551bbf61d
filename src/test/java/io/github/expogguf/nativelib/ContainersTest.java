package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.cli.Main;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.JarredClassPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loads the libraries out of a jar where containers are narrow: without home, on mounts that refuse one thing or
 * another.
 */
@EnabledOnOs(OS.LINUX)
class ContainersTest {

    private static final List<String> ACCESS = List.of("--enable-native-access=ALL-UNNAMED");
    private static final String PLACES =
            "name another directory with the system property expo.gguf.cache or the environment variable"
                    + " EXPO_GGUF_CACHE";

    @TempDir
    static Path jars;

    private static String classPath;

    @TempDir
    Path directory;

    /** From a directory of classes the libraries would be used where they are. */
    @BeforeAll
    static void jarLibraries() throws IOException {
        classPath = JarredClassPath.make(
                jars, List.of("io", "native/" + Platform.host().id()));
    }

    /** What a process says, stdout and stderr. */
    private String run(List<String> prefix, List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-cp", classPath));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeAll(List.of("EXPO_GGUF_LIB_PATH", "LLAMA_CPP_LIB_PATH", "EXPO_GGUF_CACHE", "XDG_CACHE_HOME"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private String load(String... options) throws IOException, InterruptedException {
        return run(List.of(), Stream.concat(ACCESS.stream(), Stream.of(options)).toList(), LoadProbe.class);
    }

    /** Loads from a cache on a file system of its own. */
    private String loadOn(String mountOptions) throws IOException, InterruptedException {
        String mount = "mount -t tmpfs -o " + mountOptions + " none '" + directory + "'";
        Process possible = new ProcessBuilder("unshare", "-m", "sh", "-c", mount)
                .redirectErrorStream(true)
                .start();
        possible.getInputStream().readAllBytes();
        assumeTrue(possible.waitFor() == 0, "this user cannot mount");
        List<String> options = List.of(ACCESS.getFirst(), "-Dexpo.gguf.cache=" + directory.resolve("cache"));
        return run(List.of("unshare", "-m", "sh", "-c", mount + " && exec \"$@\"", "sh"), options, LoadProbe.class);
    }

    @Test
    void unpacksAmongTemporaryFilesWithoutHome() throws Exception {
        String temporary = "-Djava.io.tmpdir=" + directory;
        String inside = "\n" + directory + "/expo-gguf-" + Files.getAttribute(directory, "unix:uid") + "/llama.cpp-";
        assertThat(load("-Duser.home=?", temporary)).contains(inside).contains("[CPU: ");
        // where nobody can create anything, not even root
        assertThat(load("-Duser.home=/proc/nobody", temporary)).contains(inside).contains("[CPU: ");
    }

    @Test
    void saysEveryPlaceThatWillNotDoAndHowToNameAnother() throws Exception {
        assertThat(load("-Duser.home=/proc/nobody", "-Djava.io.tmpdir=/proc/nothing"))
                .contains("cannot create /proc/nobody/.cache/expo-gguf to unpack into (")
                .contains("cannot create /proc/nothing to unpack into (")
                .contains("; " + PLACES);
        assertThat(load("-Dexpo.gguf.cache=/proc/named"))
                .contains("cannot create /proc/named to unpack into (")
                .contains("; " + PLACES);
    }

    @Test
    void unpacksOnAMountThatTheGroupCanWrite() throws Exception {
        Files.setAttribute(directory, "unix:mode", 02777); // a Kubernetes emptyDir with an fsGroup
        assertThat(load("-Dexpo.gguf.cache=" + directory))
                .contains("\n" + directory + "/expo-gguf-" + Files.getAttribute(directory, "unix:uid") + "/llama.cpp-")
                .contains("[CPU: ");
    }

    @Test
    void aMountWithoutExecutionIsNamed() throws Exception {
        assertThat(loadOn("noexec,size=64m"))
                .contains(directory + "/cache/llama.cpp-")
                .contains(" seems to be mounted noexec: mount it without, or " + PLACES);
    }

    @Test
    void aFullDiskIsNamed() throws Exception {
        assertThat(loadOn("size=1m"))
                .contains("cannot write " + directory + "/cache/.unpacking-")
                .contains("(No space left on device); unpacking takes ")
                .contains(" MB: make room, or " + PLACES);
    }

    @Test
    void nativeAccessThatIsDeniedIsExplainedInOneLine() throws Exception {
        List<String> deny = List.of("--illegal-native-access=deny");
        String reason = "this Java was told to deny native access (--illegal-native-access=deny); start it with"
                + " --enable-native-access=ALL-UNNAMED";
        assertThat(run(List.of(), deny, LoadProbe.class)).startsWith(reason + "\n");
        String file = DemoFiles.ALIGNED.toAbsolutePath().toString();
        assertThat(run(List.of(), deny, Main.class, "verify", file))
                .startsWith("expo-gguf: note: llama.cpp's libraries are not used: " + reason + "\n");
        assertThat(run(List.of(), deny, Main.class, "inspect", file)).contains("guide");
    }
}
