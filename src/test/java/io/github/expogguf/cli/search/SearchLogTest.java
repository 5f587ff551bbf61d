package io.github.expogguf.cli.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.Evaluation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a search that was killed finds again. */
class SearchLogTest {

    private static final List<Prompt> PROMPTS = List.of(Prompt.of("one?"), Prompt.of("two?"));
    private static final Map<String, String> INPUTS = new LinkedHashMap<>();

    static {
        INPUTS.put("type", "F16");
        INPUTS.put("seed", "7");
    }

    private static final Evaluation FIRST = new Evaluation(
            0,
            List.of(0.1 + 0.2, -1e-17),
            Map.of("kl", Double.POSITIVE_INFINITY, "length", 1.0),
            List.of(
                    new Answer(PROMPTS.get(0), "a \"quoted\"\nline\u2028 \ud83d\ude00", 3, false),
                    new Answer(PROMPTS.get(1), "", 0, true)));
    private static final Evaluation SECOND = new Evaluation(0.1f, List.of(1.0, 2.0), Map.of(), List.of());

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
                        + "judge was not set, is 'python3 judge.py'");
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
    void twoSearchesDoNotShareALog() throws IOException {
        try (SearchLog _ = SearchLog.open(file, INPUTS, PROMPTS)) {
            assertThatThrownBy(this::evaluations)
                    .isInstanceOf(IOException.class)
                    .hasMessage(file + ": another search is writing it");
        }
    }
}
