package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.testing.DemoFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Messages are broken between words where people read them, and are one line where programs do. */
@EnabledOnOs(OS.LINUX) // script, of util-linux, makes the terminal
class MessagesOnTerminalTest {

    @TempDir
    private Path directory;

    private static final String MESSAGE = "expo-gguf: error: no-such-model.gguf: no such file, and so on and on";

    @Test
    void linesAreBrokenBetweenWords() {
        assertThat(Console.fitted(MESSAGE + "\n  second", 40))
                .containsExactly(
                        "expo-gguf: error: no-such-model.gguf:", "  no such file, and so on and on", "  second");
        assertThat(Console.fitted(MESSAGE, 80)).containsExactly(MESSAGE);
    }

    @Test
    void errorsFitTheTerminalAndArePipedAsOneLine() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command =
                "'" + java + "' --enable-native-access=ALL-UNNAMED -cp '" + System.getProperty("java.class.path")
                        + "' io.github.expogguf.cli.Main plan -m no-such.gguf --type Q4";
        List<String> screen = run("stty cols 60 rows 24; " + command);
        List<String> piped = run(command + " 2>&1 | cat");
        assertThat(screen).hasSizeGreaterThan(3).allMatch(line -> line.length() <= 60);
        assertThat(piped)
                .hasSize(2)
                .first()
                .asString()
                .isEqualTo(String.join(" ", screen.stream().map(String::strip).toList())
                        .replaceFirst(" Try .*", ""));
    }

    /** What the library warns of goes the way of logs. */
    @Test
    void warningsOfTheLibraryFitTheTerminal() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> screen = run("stty cols 60 rows 24; '" + java + "' --enable-native-access=ALL-UNNAMED -cp '"
                + System.getProperty("java.class.path") + "' io.github.expogguf.cli.Main chat -q -c 1000 -m "
                + DemoFiles.SFT.toAbsolutePath() + " < /dev/null");

        assertThat(screen)
                .anyMatch(line -> line.startsWith("expo-gguf: warning: "))
                .allMatch(line -> line.length() <= 60);
    }

    @Test
    void findingsFitTheTerminalToo() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script");
        Path broken = directory.resolve("broken.gguf");
        Files.write(broken, Arrays.copyOf(Files.readAllBytes(DemoFiles.SFT), 100_000));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command = "'" + java + "' --enable-native-access=ALL-UNNAMED -cp '"
                + System.getProperty("java.class.path") + "' io.github.expogguf.cli.Main verify -q " + broken;

        List<String> screen = run("stty cols 60 rows 24; " + command);
        List<String> piped = run(command + " 2>&1 | cat");

        assertThat(screen).allMatch(line -> line.length() <= 60);
        assertThat(piped).anyMatch(line -> line.length() > 60).hasSizeLessThan(screen.size());
    }

    private static List<String> run(String command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("script", "-qec", command, "/dev/null").redirectErrorStream(true);
        builder.environment().put("TERM", "xterm");
        builder.environment().put("SHELL", "/bin/sh");
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        Process script = builder.start();
        String text = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        script.waitFor();
        return text.lines().filter(line -> !line.contains("incubat")).toList();
    }
}
