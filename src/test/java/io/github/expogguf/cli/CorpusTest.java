package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.TrustFigures;
import io.github.expogguf.corpus.BadInput;
import io.github.expogguf.corpus.Corpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bad and odd inputs through the command line, in a JVM of its own: its heap is the bound on memory, and what it leaves
 * shows whether native code fell.
 */
@Tag("trust")
class CorpusTest {

    private static final String HEAP = "256m";

    @TempDir
    private static Path directory;

    private static int exitCode;
    private static List<String> lines;

    @BeforeAll
    static void runEverything() throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        exitCode = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx" + HEAP,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1", // thousands of short runs, no long loops
                        "-XX:ErrorFile=" + directory.resolve("hs_err_%p.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CorpusProbe.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        lines = Files.readAllLines(output);
        lines.stream().filter(line -> line.startsWith("figure | ")).map(line -> line.split(" \\| ")).forEach(
                cells -> TrustFigures.print(cells[1], cells[2]));
    }

    private static List<String> problems(String part) {
        return lines.stream().filter(line -> line.startsWith(part + ": ")).toList();
    }

    @Test
    void everyCommandThatReadsACaseEndsAsItShould() {
        assertThat(problems(CorpusProbe.CORPUS)).isEmpty();
    }

    @Test
    void aFileThatIsCutOffAnywhereIsRefused() {
        assertThat(problems(CorpusProbe.CUTS)).isEmpty();
    }

    @Test
    void aBitThatIsTurnedOverAnywhereInTheHeaderIsRefusedOrHarmless() {
        assertThat(problems(CorpusProbe.BITS)).isEmpty();
    }

    @Test
    void theJvmEndsByItselfAndInItsMemory() throws IOException {
        assertThat(exitCode).as(() -> String.join("\n", lines)).isZero();
        assertThat(lines).last().isEqualTo("end");
        try (Stream<Path> files = Stream.concat(Files.list(directory), Files.list(Path.of("")))) {
            List<String> crashes = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("hs_err") || name.startsWith("core."))
                    .toList();
            assertThat(crashes).isEmpty();
        }
        TrustFigures.print("heap of the JVM that takes the corpus and the sweeps", HEAP + ", no crash");
    }

    @Test
    void theCorpusIsAsLargeAsPromised() {
        assertThat(Corpus.all().size()).isGreaterThanOrEqualTo(300);
        assertThat(Corpus.all()).extracting(BadInput::words).doesNotContain("");
    }
}
