package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.launch.Launcher;
import io.github.expogguf.testing.DemoFiles;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Types the first commands of the README as they stand, each a process, with the java of the PATH, which may be too
 * old, and with every other one that is there.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the models are links")
class ReadmeProcessesTest {

    private static final List<String> JAR = List.of("java", "-jar", "target/expo-gguf.jar");

    @TempDir
    Path directory;

    /** The java of the PATH, this one, and those that the system's packages or a CI installed. */
    static Set<String> javas() throws IOException {
        Set<String> javas = new LinkedHashSet<>(List.of(
                "java", Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        List<Path> homes = new ArrayList<>();
        Map<String, String> environment = new TreeMap<>(System.getenv());
        environment.forEach((name, value) -> {
            if (name.startsWith("JAVA_HOME_")) {
                homes.add(Path.of(value));
            }
        });
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> entries = Files.list(installed)) {
                entries.filter(entry -> !Files.isSymbolicLink(entry)).sorted().forEach(homes::add);
            }
        }
        homes.stream()
                .map(home -> home.resolve("bin").resolve("java"))
                .filter(Files::isExecutable)
                .forEach(java -> javas.add(java.toString()));
        return javas;
    }

    @ParameterizedTest
    @MethodSource("javas")
    void theFirstCommandsDoWhatTheReadmeShows(String java) throws IOException, InterruptedException {
        Files.createSymbolicLink(
                Files.createDirectory(directory.resolve("src")).resolve("demo"), DemoFiles.DIRECTORY.toAbsolutePath());
        List<PageCommand> commands = PageCommand.of(Document.read(Path.of("README.md")), false).stream()
                .filter(command -> called(command).size() > JAR.size()
                        && called(command).subList(0, JAR.size()).equals(JAR))
                .toList();

        assertThat(commands).hasSizeGreaterThan(1);
        for (PageCommand command : commands) {
            List<String> words = new ArrayList<>(List.of(java, "-cp", absoluteClassPath(), Launcher.class.getName()));
            words.addAll(called(command).subList(JAR.size(), called(command).size()));
            Path errors = directory.resolve("errors");
            Process process = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectError(errors.toFile())
                    .start();
            try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
                in.write(input(command));
            }
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor())
                    .as("%s with %s: %s", command.text(), java, Files.readString(errors))
                    .isZero();
            assertThat(command.isPrintedAs(printed))
                    .as("%s prints what the README shows:%n%s", command.text(), printed)
                    .isTrue();
        }
    }

    private static List<String> called(PageCommand command) {
        List<String> words = command.words();
        return words.subList(words.indexOf("|") + 1, words.size());
    }

    private static String input(PageCommand command) {
        List<String> words = command.words();
        return words.indexOf("|") == 2 && words.getFirst().equals("echo") ? words.get(1) + "\n" : "";
    }

    private static String absoluteClassPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** JUnit would warn of links that lead out of the directory. */
    @AfterEach
    void unlink() throws IOException {
        Files.delete(directory.resolve("src").resolve("demo"));
    }
}
