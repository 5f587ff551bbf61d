package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands that go back to a pair after a while: the judge, which they start in between, is what changes a file. */
@Tag("trust")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the judge is a command of a Unix shell")
class ChangingInputsOfCommandsTest {

    private static final Path DEMO = DemoFiles.DIRECTORY;
    private static final String CHANGE = "cat > /dev/null; %s; for i in 1 2; do echo 1; done";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            : > %s                     | it has 0 bytes
            rm %s                      | it is gone
            echo more >> %s            | bytes, and had
            cp %s COPY && mv COPY %s   | another file has its name now
            touch -d 2001-01-01 %s     | it was written to
            """)
    void searchNamesTheFileAndWritesNothing(String deed, String words) throws IOException {
        Path sft = Files.copy(DEMO.resolve("guide-sft-f16.gguf"), directory.resolve("sft.gguf"));
        Path prompts = DemoFiles.head("prompts.jsonl", 2, directory.resolve("prompts.jsonl"));
        Path copy = directory.resolve("copy");
        String judge = CHANGE.formatted(deed.replace("COPY", copy.toString()).replace("%s", sft.toString()));

        Ran ran = Ran.run(
                "search",
                "-q",
                "--sft",
                sft,
                "--aligned",
                DEMO.resolve("guide-dpo-20-f16.gguf"),
                "--prompts",
                prompts,
                "--judge",
                judge,
                "--alphas",
                "0.5,1",
                "-n",
                2,
                "-t",
                1,
                "--write",
                directory.resolve("best.gguf"));

        assertThat(ran.err()).contains(sft.toString(), "changed while it was in use: ", words);
        assertThat(ran.exitCode()).isEqualTo(ExitCode.IO.code());
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isSubsetOf(sft, prompts);
        }
    }
}
