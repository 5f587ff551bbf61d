package io.github.expogguf.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bad and odd inputs through the command line, in JVMs of their own: the heap is the bound on memory, and what they
 * leave shows whether native code fell.
 */
@Tag("trust")
@Tag("alone")
class CorpusTest {

    private static final String HEAP = "256m";

    @TempDir
    private static Path directory;

    private static final List<Integer> exitCodes = new ArrayList<>();
    private static final List<String> lines = new ArrayList<>();

    @BeforeAll
    static void runEverything() throws IOException, InterruptedException {
        probe(List.of("-XX:TieredStopAtLevel=1"), List.of()); // thousands of short runs, no long loops
        probe(List.of(), List.of(CorpusProbe.LARGE));
        lines.stream()
                .filter(line -> line.startsWith("figure | "))
                .map(line -> line.split(" \\| "))
                .forEach(cells -> TrustFigures.print(cells[1], cells[2]));
    }

    private static void probe(List<String> options, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx" + HEAP,
                "-XX:+UseSerialGC",
                "-XX:ErrorFile=" + directory.resolve("hs_err_%p.log")));
        command.addAll(options);
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), CorpusProbe.class.getName(), directory.toString()));
        command.addAll(arguments);
        Path output = directory.resolve("output");
        exitCodes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor());
        lines.addAll(Files.readAllLines(output));
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
    void theJvmsEndByThemselvesAndInTheirMemory() throws IOException {
        assertThat(exitCodes).as(() -> String.join("\n", lines)).containsExactly(0, 0);
        assertThat(lines.stream().filter("end"::equals)).hasSize(2);
        assertThat(lines).last().isEqualTo("end");
        try (Stream<Path> files = Stream.concat(Files.list(directory), Files.list(Path.of("")))) {
            List<String> crashes = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("hs_err") || name.startsWith("core."))
                    .toList();
            assertThat(crashes).isEmpty();
        }
        TrustFigures.print("heap of the JVMs that take them and the sweeps", HEAP + ", no crash");
    }

    @Test
    void theCorpusIsAsLargeAsPromised() {
        assertThat(Corpus.all().size()).isGreaterThanOrEqualTo(300);
        assertThat(Corpus.all()).extracting(BadInput::words).doesNotContain("");
    }
}
