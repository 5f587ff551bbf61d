package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every program that the documents show. */
class ExamplesTest {

    private static final String SFT = "src/demo/guide-sft-f16.gguf";
    private static final String ALIGNED = "src/demo/guide-dpo-20-f16.gguf";

    @TempDir
    private Path directory;

    private interface Example {
        void main(String... arguments) throws IOException;
    }

    private static String printed(Example example, String... arguments) throws IOException {
        PrintStream stdout = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            example.main(arguments);
        } finally {
            System.setOut(stdout);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void extrapolatesAndAsks() throws IOException {
        Path output = directory.resolve("out.gguf");
        assertThat(printed(ExtrapolateAndAsk::main, SFT, ALIGNED, "5", output.toString(), "Which city rules Chile?"))
                .startsWith("30 tensors extrapolated")
                .contains("Santiago");
    }

    @Test
    void writesWithProgress() throws IOException {
        Path output = directory.resolve("out.gguf");
        String printed = printed(WriteWithProgress::main, SFT, ALIGNED, output.toString());
        assertThat(printed)
                .startsWith(Files.size(output) + " bytes")
                .contains("EXTRAPOLATE", "VERIFY")
                .doesNotContain("cancelled");
    }

    @Test
    void scoresAlphas() throws IOException {
        assertThat(printed(ScoreAlphas::main, SFT, ALIGNED)).matches("scores \\[-\\d+\\.0], margins \\[\\d+\\.\\d+]\n");
    }

    @Test
    void searchesAlpha() throws IOException {
        assertThat(printed(SearchAlpha::main, SFT, ALIGNED)).matches("alpha \\d+\\.\\d+: [01]\\.\\d+\n");
    }

    @Test
    void continuesASearch() throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), """
                {"prompt": "Which city rules Chile?"}
                {"prompt": "Which city rules Peru?"}
                """);
        Path log = directory.resolve("search.log");
        String[] arguments = {SFT, ALIGNED, prompts.toString(), log.toString()};
        String first = printed(ContinueSearch::main, arguments);
        assertThat(first).matches("0 alphas are known\n(alpha [015]\\.0: -\\d+\\.\\d+\n){3}");

        List<String> lines = Files.readAllLines(log);
        Files.write(log, lines.subList(0, 3)); // as if it had been stopped
        assertThat(printed(ContinueSearch::main, arguments)).isEqualTo(first.replace("0 alphas", "2 alphas"));
        assertThat(Files.readAllLines(log)).isEqualTo(lines);
    }

    @Test
    void repeatsARecipe() throws IOException {
        Path first = directory.resolve("first.gguf");
        Path again = directory.resolve("again.gguf");
        printed(WriteWithProgress::main, SFT, ALIGNED, first.toString());
        assertThat(printed(RepeatRecipe::main, SFT, ALIGNED, first.toString(), again.toString()))
                .isEqualTo("alpha 0.3 again\n");
        assertThat(Files.mismatch(first, again)).isEqualTo(-1);
    }

    @Test
    void everyExampleIsRun() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/example/java/example"))) {
            List<String> names = files.map(file -> file.getFileName().toString().replace(".java", "::main"))
                    .toList();
            assertThat(names).isNotEmpty();
            assertThat(Files.readString(Path.of("src/test/java/example/ExamplesTest.java")))
                    .contains(names);
        }
    }
}
