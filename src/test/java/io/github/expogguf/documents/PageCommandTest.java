package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCommandTest {

    @TempDir
    private Path directory;

    private List<PageCommand> commands(boolean slow, String text) throws IOException {
        return PageCommand.of(Document.read(Files.writeString(directory.resolve("page.md"), text)), slow);
    }

    private static PageCommand printing(String... expected) {
        return new PageCommand("page.md:1", "expo-gguf version", List.of(expected));
    }

    @Test
    void takesCommandsApartAsAShellDoes() {
        PageCommand command = new PageCommand("", "a --rule 'x=*0.5 y'\"z\" | b  # no 'word'", List.of());
        assertThat(command.words()).containsExactly("a", "--rule", "x=*0.5 yz", "|", "b");
    }

    @Test
    void joinsLinesAndTellsCommandsFromWhatTheyPrint() throws IOException {
        List<PageCommand> commands = commands(false, """
                ```console
                $ expo-gguf plan \\
                      --json
                printed
                $ expo-gguf version
                ```
                """);
        assertThat(commands)
                .extracting(PageCommand::text)
                .containsExactly("expo-gguf plan --json", "expo-gguf version");
        assertThat(commands).extracting(PageCommand::expected).containsExactly(List.of("printed"), List.of());
    }

    @Test
    void leavesOutWhatIsMarkedAndRunsFirstWhatIsAskedFor() throws IOException {
        String page = """
                <!-- not run: a download -->
                ```sh
                one
                ```

                <!-- slow: a minute -->
                ```sh
                two
                ```

                <!-- run first: three -->
                ```sh
                four
                ```

                ```
                five
                ```
                """;
        assertThat(commands(false, page)).extracting(PageCommand::text).containsExactly("three", "four");
        assertThat(commands(true, page)).extracting(PageCommand::text).containsExactly("two", "three", "four");
    }

    @Test
    void noticesAWrongFigureAMissingLineAndOneTooMany() {
        assertThat(printing("a 1.5", "b").isPrintedAs("a 1.5\nb\n")).isTrue();
        assertThat(printing("a 1.5", "b").isPrintedAs("a 1.6\nb\n")).isFalse();
        assertThat(printing("a 1.5", "b").isPrintedAs("a 1.5\n")).isFalse();
        assertThat(printing("a 1.5").isPrintedAs("a 1.5\nb\n")).isFalse();
    }

    @Test
    void letsAnEllipsisStandForAnyLinesOrWords() {
        assertThat(printing("a", "...").isPrintedAs("a\nb\nc\n")).isTrue();
        assertThat(printing("a", "...").isPrintedAs("a\n")).isTrue();
        assertThat(printing("a ... z").isPrintedAs("a b z\n")).isTrue();
        assertThat(printing("a", "...", "c").isPrintedAs("a\nb\n")).isFalse();
    }
}
