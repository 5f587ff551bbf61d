package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every message begins with one of three words, and each has one meaning; docs/commands.md says which. */
class MessagesTest {

    private static final Path SOURCES = Path.of("src/main/java/io/github/expogguf");
    private static final Pattern PREFIX = Pattern.compile("\"expo-gguf: ([^\"]*)\"");

    @TempDir
    Path directory;

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing but these places writes the name of the program before a message. */
    @Test
    void messagesAreNotesWarningsAndErrors() throws IOException {
        List<String> prefixes;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            prefixes = files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .flatMap(file -> PREFIX.matcher(text(file))
                            .results()
                            .map(match -> SOURCES.relativize(file) + " "
                                    + match.group(1).split(": ")[0]))
                    .toList();
        }
        assertThat(prefixes)
                .containsExactly(
                        "cli/option/Logging.java ", // a warning, or with --verbose a log
                        "cli/terminal/Console.java error",
                        "cli/terminal/Console.java note",
                        "cli/terminal/Console.java warning",
                        "cli/terminal/ProgressPrinter.java ", // progress, and no message
                        "launch/JavaProcess.java error",
                        "launch/Launcher.java error",
                        "nativelib/NativeAbort.java error");
    }

    /** An error is what the exit code says, too, and the last word; notes and warnings are of what was done. */
    @Test
    void errorsFailAndTheOthersDoNot() throws IOException {
        TinyPair pair = TinyPair.write(directory);
        Path far = TinyPair.model(directory.resolve("far.gguf"), "token_embd.weight", 0.1f);
        Path output = directory.resolve("out.gguf");
        Object[][] runs = {
            {"extrapolate", "--sft", pair.sft(), "--aligned", far, "-o", output},
            {"extrapolate", "--sft", pair.sft(), "--aligned", far, "-o", output},
            {"extrapolate", "--sft", pair.sft(), "--aligned", pair.aligned(), "-a", "-0.5", "-o", output, "--force"},
            {"extrapolate", "--sft", pair.sft(), "--aligned", pair.sft(), "-o", output, "--force"},
            {"extrapolate", "--sfd"},
            {"plan", "--sft", pair.aligned(), "--aligned", pair.sft()},
            {"compare", "--sft", pair.sft(), "--aligned", directory.resolve("none.gguf")},
            {"inspect", directory},
            {"verify", output},
            {"nothing"}
        };
        for (Object[] words : runs) {
            Ran ran = Ran.run(words);
            List<String> kinds = ran.err()
                    .lines()
                    .map(line -> Pattern.compile("expo-gguf: (note|warning|error): .*")
                            .matcher(line))
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1))
                    .toList();
            assertThat(kinds.contains("error")).as(ran.toString()).isEqualTo(ran.exitCode() != 0);
            assertThat(kinds.indexOf("error")).as(ran.toString()).isIn(-1, kinds.size() - 1);
            assertThat(ran.err().lines().filter(line -> line.startsWith("expo-gguf: ")))
                    .as(ran.toString())
                    .hasSize(kinds.size());
        }
    }

    @Test
    void thePageSaysWhatTheWordsMean() {
        assertThat(text(Path.of("docs/commands.md"))).contains("| `note` |", "| `warning` |", "| `error` |");
    }
}
