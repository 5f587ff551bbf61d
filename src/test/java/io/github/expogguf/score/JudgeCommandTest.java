package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.JudgeException;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the judges of this test are POSIX shell")
final class JudgeCommandTest {

    private static final List<Answer> THREE = answers(3, "fine");

    @TempDir
    private Path directory;

    private static List<Answer> answers(int count, String text) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Answer(Prompt.of("question " + i), text, 1, false))
                .toList();
    }

    private static double[] judge(String command, List<Answer> answers) throws IOException {
        return new JudgeCommand(command).score(answers);
    }

    @Test
    void readsOneNumberALine() throws IOException {
        assertThat(judge("cat >/dev/null; printf '1\\n -2.5e-1 \\n\\n+.5\\n'", THREE))
                .containsExactly(1, -0.25, 0.5);
        assertThat(judge("exit 7", List.of())).isEmpty();
    }

    @Test
    void givesTheTurnsOfAConversation() throws IOException {
        List<ChatMessage> turns = List.of(ChatMessage.system("S"), ChatMessage.user("Q"));
        Path seen = directory.resolve("seen.jsonl");
        Prompt prompt = new Prompt(turns, Map.of("messages", "as in the file"), "prompts.jsonl:1");
        judge("tee '" + seen + "' | sed 's/.*/1/'", List.of(new Answer(prompt, "A", 1, false)));
        assertThat(Files.readString(seen))
                .isEqualTo("{\"messages\": [{\"role\": \"system\", \"content\": \"S\"},"
                        + " {\"role\": \"user\", \"content\": \"Q\"}], \"prompt\": \"system: S\\n\\nuser: Q\","
                        + " \"response\": \"A\"}\n");
    }

    @Test
    void givesEveryFieldAndTheResponseOnALineEach() throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("prompt", "Who?");
        fields.put("id", 17);
        fields.put("response", "an older one");
        Path seen = directory.resolve("seen.jsonl");
        Answer answer = new Answer(new Prompt("Who?", fields), "I,\nYou \u00e9", 3, false);

        judge("tee '" + seen + "' | sed 's/.*/1/'", List.of(answer, THREE.getFirst()));

        assertThat(Files.readString(seen))
                .isEqualTo("{\"prompt\": \"Who?\", \"id\": 17, \"response\": \"I,\\nYou \u00e9\"}\n"
                        + "{\"prompt\": \"question 0\", \"response\": \"fine\"}\n");
    }

    @Test
    void aWrongCountIsAnError() {
        assertThatThrownBy(() -> judge("cat >/dev/null; echo 1; echo 2", THREE))
                .isInstanceOf(JudgeException.class)
                .hasMessage("judge 'cat >/dev/null; echo 1; echo 2': printed 2 lines, expected 3, one number for each"
                        + " answer");
        assertThatThrownBy(() -> judge("cat >/dev/null; yes 1", THREE))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("printed more than 3 lines, expected one number for each of 3 answers");
    }

    @Test
    void whatIsNoFiniteNumberIsAnErrorThatNamesTheLine() {
        for (String word : List.of("nan", "inf", "-Infinity", "good", "1e999", "0x1p3", "1d", "1 2", "1,5")) {
            assertThatThrownBy(() -> judge("cat >/dev/null; echo 1; echo '" + word + "'; echo 3", THREE))
                    .isInstanceOf(JudgeException.class)
                    .hasMessageEndingWith(": line 2 is '" + word + "', expected a finite number");
        }
    }

    @Test
    void anotherExitCodeIsAnErrorWhateverWasPrinted() {
        assertThatThrownBy(() -> judge("cat >/dev/null; echo 1; echo 2; echo 3; exit 9", THREE))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("exit code 9, expected 0; it printed 3 of 3 scores");
        assertThatThrownBy(() -> judge("no-such-program-anywhere 2>/dev/null", THREE))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("exit code 127, expected 0; it printed 0 of 3 scores");
    }

    @Test
    void aJudgeThatDoesNotReadIsAnErrorOrEnoughWhenItScoresAll() throws IOException {
        List<Answer> many = answers(2000, "x".repeat(1000)); // far more than a pipe holds
        assertThatThrownBy(() -> judge("echo 1", many))
                .isInstanceOf(JudgeException.class)
                .hasMessageContaining("printed 1 lines, expected 2000")
                .hasMessageEndingWith("and ended without reading all answers");
        assertThat(judge("yes 4 | head -n 2000", many)).hasSize(2000).containsOnly(4);
    }

    @Test
    void muchInputAndMuchOutputDoNotBlockEachOther() throws IOException {
        List<Answer> many = answers(20_000, "y".repeat(200));
        // the second judge prints everything before it reads anything
        assertThat(judge("sed 's/.*/1.000000000000000000000000000000000000000000000000/'", many))
                .hasSize(20_000);
        assertThat(judge("yes 0.25 | head -n 20000; cat >/dev/null", many)).hasSize(20_000);
    }

    @Test
    void anInterruptStopsTheJudgeAndIsKept() {
        Thread caller = Thread.currentThread();
        Thread.ofVirtual().start(() -> {
            while (!Files.exists(directory.resolve("begun"))) {
                Thread.onSpinWait();
            }
            caller.interrupt();
        });
        String endless = "touch '" + directory.resolve("begun") + "'; sleep 600; echo done";
        assertThatThrownBy(() -> judge(endless, THREE)).isInstanceOf(CancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aCancellationIsToldFromAFailure() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertThatThrownBy(() -> new JudgeCommand("exit 1", cancellation).score(THREE))
                .isInstanceOf(CancelledException.class);
        Cancellation later = new Cancellation();
        Thread.ofVirtual().start(() -> {
            while (!Files.exists(directory.resolve("begun"))) {
                Thread.onSpinWait();
            }
            later.cancel();
        });
        String endless = "touch '" + directory.resolve("begun") + "'; sleep 600; echo done";
        assertThatThrownBy(() -> new JudgeCommand(endless, later).score(THREE)).isInstanceOf(CancelledException.class);
        assertThatThrownBy(() -> new JudgeCommand(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
