package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyPair;
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

    @Test
    void listsArePipedAsOneLine() throws Exception {
        assertThat(Console.oneLine("expo-gguf: error: a and b are not a pair:\n  x\n  y\nand so on"))
                .isEqualTo("expo-gguf: error: a and b are not a pair: x; y; and so on");
        assertThat(Console.oneLine(MESSAGE)).isEqualTo(MESSAGE);
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script");
        Path other = TinyPair.model(directory.resolve("other.gguf"), "blk.0.attn_q.weight", 0);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command =
                "'" + java + "' --enable-native-access=ALL-UNNAMED -cp '" + System.getProperty("java.class.path")
                        + "' io.github.expogguf.cli.Main plan --sft " + other + " --aligned "
                        + TinyPair.write(directory).aligned();

        assertThat(run("stty cols 300 rows 24; " + command)).hasSizeGreaterThan(2);
        assertThat(run(command + " 2>&1 | cat"))
                .singleElement()
                .asString()
                .startsWith("expo-gguf: error: other.gguf and aligned.gguf are not a pair: ")
                .contains("; ");
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
