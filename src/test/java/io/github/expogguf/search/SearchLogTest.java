package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a search that was killed finds again. */
class SearchLogTest {

    private static final List<Prompt> PROMPTS = List.of(Prompt.of("one?"), Prompt.of("two?"));
    private static final Map<String, String> INPUTS = new LinkedHashMap<>();

    private static final Map<String, Double> GUARDS = new LinkedHashMap<>();

    static {
        GUARDS.put("kl", Double.POSITIVE_INFINITY);
        GUARDS.put("length", 1.0);
        INPUTS.put("type", "F16");
        INPUTS.put("seed", "7");
    }

    private static final Evaluation FIRST = new Evaluation(
            0,
            List.of(0.1 + 0.2, -1e-17),
            GUARDS,
            List.of(
                    new Answer(
                            PROMPTS.get(0),
                            "a \"quoted\"\nline\u2028 \ud83d\ude00 <&='>/\\\r\f\b\t\u0001\u007f\u0085",
                            3,
                            false),
                    new Answer(PROMPTS.get(1), "", 0, true)));
    private static final Evaluation SECOND = new Evaluation(0.1f, List.of(1.0, 2.0), Map.of(), List.of());

    private static final String GOLDEN = """
            {"expo-gguf search log":1,"inputs":{"type":"F16","seed":"7"}}
            {"alpha":0.0,"scores":[0.30000000000000004,-1.0E-17],\
            "guards":{"kl":"Infinity","length":1.0},\
            "answers":[{"text":"a \\"quoted\\"\\nline\\u2028 \ud83d\ude00 <&='>/\\\\\\r\\f\\b\\t\\u0001\177\205",\
            "tokens":3,"cutOff":false},\
            {"text":"","tokens":0,"cutOff":true}]}
            {"alpha":0.1,"scores":[1.0,2.0],"guards":{},"answers":[]}
            """;

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("search.log");
        try (SearchLog log = SearchLog.open(file, INPUTS, PROMPTS)) {
            assertThat(log.evaluations()).isEmpty();
            log.append(FIRST);
            log.append(SECOND);
        }
    }

    private List<Evaluation> evaluations() throws IOException {
        try (SearchLog log = SearchLog.open(file, INPUTS, PROMPTS)) {
            return log.evaluations();
        }
    }

    @Test
    void evaluationsComeBackToTheBit() throws IOException {
        assertThat(evaluations()).containsExactly(FIRST, SECOND);
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    /** Logs that were written before go on. */
    @Test
    void formatStaysToTheByte() throws IOException {
        assertThat(Files.readString(file)).isEqualTo(GOLDEN);
    }

    @Test
    void evaluationOfMoreScoresThanTheOthersIsNamedByItsLine() throws IOException {
        Files.writeString(file, GOLDEN + "{\"alpha\":0.2,\"scores\":[1.0,2.0,3.0],\"guards\":{},\"answers\":[]}\n");

        assertThatThrownBy(this::evaluations)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ":4: not an evaluation of this search: 3 scores, expected 2 as in " + file + ":2");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "others have no device that is always full")
    void fullDiskIsNamedByTheLog() {
        assertThatThrownBy(() -> SearchLog.open(Path.of("/dev/full"), INPUTS, PROMPTS))
                .isInstanceOf(FileSystemException.class)
                .hasMessage("/dev/full: No space left on device");
    }

    @Test
    void searchGoesOnWithWhatWasEvaluated() throws IOException {
        Path other = directory.resolve("other.log");
        SearchOptions options = SearchOptions.grid(1f, 2f);
        Evaluator evaluator = alpha -> {
            if (alpha > 1) {
                throw new IOException("stopped");
            }
            return new Evaluation(alpha, List.of(alpha + 1.0, alpha + 2.0), Map.of(), List.of());
        };
        try (SearchLog log = SearchLog.open(other, INPUTS, PROMPTS)) {
            assertThatThrownBy(() -> AlphaSearch.run(options, log.keeping(evaluator)))
                    .hasMessage("stopped");
        }
        try (SearchLog log = SearchLog.open(other, INPUTS, PROMPTS)) {
            List<Float> asked = new ArrayList<>();
            Evaluator rest = alpha -> {
                asked.add(alpha);
                return new Evaluation(alpha, List.of(0.0, 0.0), Map.of(), List.of());
            };
            SearchResult result =
                    AlphaSearch.run(options, log.keeping(rest), log.evaluations(), AlphaSearch.Listener.none());

            assertThat(asked).containsExactly(2f);
            assertThat(result.best().orElseThrow().alpha()).isEqualTo(1f);
        }
        assertThat(Files.readAllLines(other)).hasSize(4);
    }

    @Test
    void inputsOfALogCanBeAskedFor() throws IOException {
        assertThat(SearchLog.input(file, "seed")).contains("7");
        assertThat(SearchLog.input(file, "other")).isEmpty();
        assertThat(SearchLog.input(directory.resolve("none"), "seed")).isEmpty();
        for (String content : List.of("", "\n", "{}", "[]", "no log")) {
            assertThat(SearchLog.input(Files.writeString(file, content), "seed"))
                    .isEmpty();
        }
    }

    @Test
    void tornLastLineIsDroppedWhereverItWasTorn() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        int headerBytes = Files.readAllLines(file).getFirst().length() + 1;
        for (int length = headerBytes; length < whole.length; length++) {
            byte[] torn = Arrays.copyOf(whole, length);
            Files.write(file, torn);
            long lines = new String(torn, StandardCharsets.UTF_8)
                    .chars()
                    .filter(each -> each == '\n')
                    .count();

            assertThat(evaluations()).as("%d bytes", length).hasSize((int) lines - 1);
            assertThat(Files.readString(file)).endsWith("\n");
        }
        try (SearchLog log = SearchLog.open(file, INPUTS, PROMPTS)) {
            log.append(SECOND);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20, 60})
    void tornFirstLineBeginsAnew(int length) throws IOException {
        Files.writeString(file, Files.readString(file).substring(0, length));

        assertThat(evaluations()).isEmpty();
        try (SearchLog log = SearchLog.open(file, INPUTS, PROMPTS)) {
            log.append(SECOND);
        }
        assertThat(evaluations()).containsExactly(SECOND);
    }

    @Test
    void otherInputsAreNamed() {
        Map<String, String> other = new LinkedHashMap<>(INPUTS);
        other.put("type", "Q4_K_M");
        other.put("judge", "python3 judge.py");

        assertThatThrownBy(() -> SearchLog.open(file, other, PROMPTS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": is the log of another search: type was 'F16', is 'Q4_K_M'; "
                        + "judge was not set, is 'python3 judge.py'"
                        + " (the same inputs and options go on with it; another file begins anew)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no newline", "{\"prompt\": \"one?\"}\n", "[]\n", "{\"expo-gguf search log\": 2}\n", "\n"})
    void fileThatIsNoLogIsLeftAlone(String content) throws IOException {
        Files.writeString(file, content);

        assertThatThrownBy(this::evaluations)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": is not the log of a search");
        assertThat(Files.readString(file)).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no json",
                "{}",
                "[]",
                "{\"alpha\":1,\"scores\":[],\"guards\":{},\"answers\":[]}",
                "{\"alpha\":1,\"scores\":[\"x\"],\"guards\":{},\"answers\":[]}",
                "{\"alpha\":1,\"scores\":[1],\"guards\":[],\"answers\":[]}",
                "{\"alpha\":1,\"scores\":[1],\"guards\":{},\"answers\":[{\"text\":\"\",\"tokens\":0,\"cutOff\":false}]}"
            })
    void damagedLineIsNamed(String line) throws IOException {
        Files.writeString(file, line + "\n", StandardOpenOption.APPEND);

        assertThatThrownBy(this::evaluations)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ":4: not an evaluation of this search: ");
    }

    @Test
    void twoSearchesDoNotShareALog() throws Exception {
        try (SearchLog _ = SearchLog.open(file, INPUTS, PROMPTS)) {
            for (int attempt = 0; attempt < 2; attempt++) { // an attempt within the process takes no lock away
                assertThatThrownBy(this::evaluations)
                        .isInstanceOf(IOException.class)
                        .hasMessage(file + ": another search is writing it; give each a log of its own");
                SearchLog.input(file, "type");
                assertThat(elsewhere()).startsWith("refused: " + file + ": another search is writing it");
            }
        }
        assertThat(elsewhere()).isEqualTo("opened");
    }

    /** What another process says to the log. */
    private String elsewhere() throws Exception {
        return ChildJvm.run(Map.of(), List.of(), Contender.class, file.toString())
                .output()
                .strip();
    }

    /** A process that wants the log. */
    static final class Contender {
        private Contender() {}

        public static void main(String[] args) {
            try (SearchLog _ = SearchLog.open(Path.of(args[0]), INPUTS, PROMPTS)) {
                System.out.println("opened");
            } catch (IOException refused) {
                System.out.println("refused: " + refused.getMessage());
            }
        }
    }
}
