package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.TrustFigures;
import io.github.expogguf.corpus.BadInput;
import io.github.expogguf.corpus.Corpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case of the corpus through the command line. */
@Tag("trust")
class CorpusTest {

    @TempDir
    private static Path shared;

    private static CorpusRun commands;

    @BeforeAll
    static void prepare() throws IOException {
        commands = new CorpusRun(Files.createDirectory(shared.resolve("good")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everyCommandThatReadsItEndsAsItShould(BadInput input) throws IOException {
        int known = commands.problems().size();

        commands.run(input, Files.createTempDirectory(shared, input.name()));

        assertThat(commands.problems().subList(known, commands.problems().size())).isEmpty();
    }

    private static List<BadInput> cases() {
        return Corpus.all();
    }

    @Test
    void theCorpusIsAsLargeAsPromised() {
        assertThat(Corpus.all().size()).isGreaterThanOrEqualTo(200);
        assertThat(Corpus.all()).extracting(BadInput::words).doesNotContain("");
    }

    @AfterAll
    static void printFigures() {
        TrustFigures.print("corpus of bad and odd inputs", Corpus.all().size() + " cases, " + commands.runs() + " commands");
        TrustFigures.print(
                "corpus, longest run and most memory of one command",
                "%.2f s, %.0f MB allocated".formatted(commands.mostSeconds(), commands.mostBytes() / 1e6));
    }
}
