package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.text.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class JsonLinesTest {

    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("p.jsonl"), text);
    }

    @Test
    void readsPromptsWithAllTheirFields() throws IOException {
        String line = "{\"id\": 12345678901234567890, \"prompt\": \"Who?\", \"score\": 1.50, \"tags\": [true, null,"
                + " {\"a\": -3}], \"note\": \"\\u00e9\"}";
        List<Prompt> prompts = PromptFile.read(file("\ufeff" + line + "\n\n  {\"instruction\": \"Why?\"}\r\n"));

        assertThat(prompts).extracting(Prompt::text).containsExactly("Who?", "Why?");
        assertThat(prompts).extracting(Prompt::origin).containsExactly("p.jsonl:1", "p.jsonl:3");
        assertThat(JsonText.of(prompts.getFirst().fields())).isEqualTo(line.replace("\\u00e9", "\u00e9"));
    }

    @Test
    void readsAnArrayOfObjects() throws IOException {
        List<Prompt> prompts = PromptFile.read(
                file("\n[\n {\"instruction\": \"A?\", \"dataset\": \"koala\"},\n {\"instruction\":\n \"B?\"}\n]\n"));
        assertThat(prompts).extracting(Prompt::text).containsExactly("A?", "B?");
        assertThat(prompts.getLast().origin()).isEqualTo("p.jsonl: element 2");
        refusesPrompts("[{\"prompt\": \"a\"}, 7]", "p.jsonl: element 2: not a JSON object: 7");
        refusesPrompts(
                "[{\"prompt\": \"a\"}",
                "p.jsonl:1: not a JSON object: [{\"prompt\": \"a\"} (column 17: expected ',' or ']', found the end)");
        refusesPrompts(
                "\n\n[{\"prompt\": \"a\"},\n {\"prompt\": b}]",
                "p.jsonl:3: not a JSON object: [{\"prompt\": \"a\"},\\n {\"prompt\": b}]"
                        + " (line 4, column 13: expected a value, found 'b')");
        refusesPrompts("[]", "p.jsonl: there are no prompts in it");
    }

    @Test
    void readsPreferences() throws IOException {
        assertThat(PreferenceFile.read(file("{\"prompt\": \"Q\", \"chosen\": \"A\", \"rejected\": \"B\"}")))
                .containsExactly(new Preference("Q", "A", "B", "p.jsonl:1"));
        assertThatThrownBy(() -> PreferenceFile.read(file("{\"prompt\": \"Q\", \"chosen\": \"A\"}")))
                .hasMessage("p.jsonl:1: there is no field 'rejected'; the fields are [prompt, chosen]");
        assertThatThrownBy(
                        () -> PreferenceFile.read(file("{\"prompt\": \"Q\", \"chosen\": \" \", \"rejected\": \"B\"}")))
                .hasMessage("p.jsonl:1: the chosen answer is empty");
    }

    @Test
    void readsConversationsOfOneQuestion() throws IOException {
        String user = "{\"role\": \"user\", \"content\": \"Q\"}";
        String good = "{\"content\": \"A\", \"role\": \"assistant\"}";
        String bad = "{\"content\": \"B\", \"role\": \"assistant\"}";
        assertThat(PreferenceFile.read(file("{\"prompt\": \"Q\", \"chosen\": [" + user + "," + good
                        + "], \"rejected\": [" + user + "," + bad + "]}\n{\"prompt\": [" + user + "], \"chosen\": ["
                        + good + "], \"rejected\": [" + bad + "]}")))
                .containsExactly(
                        new Preference("Q", "A", "B", "p.jsonl:1"), new Preference("Q", "A", "B", "p.jsonl:2"));
        refusesPrompts(
                "{\"prompt\": [" + user + "," + good + "]}",
                "p.jsonl:1: the prompt ends with a turn of 'assistant', expected one of 'user'");
        refusesPrompts("{\"prompt\": []}", "p.jsonl:1: the prompt has no turns");
        refusesPrompts(
                "{\"prompt\": [" + good + "]}",
                "p.jsonl:1: the prompt ends with a turn of 'assistant', expected one of 'user'");
        refusesPrompts("{\"prompt\": [{\"role\": \"user\"}]}", "p.jsonl:1: the prompt's content is not a string");
    }

    @Test
    void readsConversationsOfSeveralTurns() throws IOException {
        String talk = "{\"role\": \"system\", \"content\": \"S\"}, {\"role\": \"user\", \"content\": \"Q\"},"
                + " {\"role\": \"assistant\", \"content\": \"A\", \"reasoning_content\": \"R\", \"n\": 1},"
                + " {\"role\": \"user\", \"content\": \"Q2\"}";
        List<ChatMessage> turns = List.of(
                ChatMessage.system("S"),
                ChatMessage.user("Q"),
                new ChatMessage("assistant", "A", Map.of("reasoning_content", "R", "n", 1L)),
                ChatMessage.user("Q2"));
        List<Prompt> prompts =
                PromptFile.read(file("{\"prompt\": [" + talk + "]}\n{\"messages\": [" + talk + "], \"id\": 7}"));
        assertThat(prompts).extracting(Prompt::messages).containsExactly(turns, turns);
        assertThat(prompts.getFirst().text()).isEqualTo("system: S\n\nuser: Q\n\nassistant: A\n\nuser: Q2");
        assertThat(prompts.getFirst().isText()).isFalse();

        String chosen = "{\"role\": \"assistant\", \"content\": \"C\"}";
        String rejected = "{\"role\": \"assistant\", \"content\": \"D\"}";
        String whole = "\"chosen\": [" + talk + "," + chosen + "], \"rejected\": [" + talk + "," + rejected + "]";
        String answers = "\"chosen\": [" + chosen + "], \"rejected\": [" + rejected + "]";
        Preference expected =
                new Preference(turns, ChatMessage.assistant("C"), ChatMessage.assistant("D"), "p.jsonl:1");
        for (String line : List.of(
                "{" + whole + "}", // TRL's implicit prompt
                "{\"prompt\": \"Q\", " + whole + "}", // UltraFeedback: the first question beside the conversation
                "{\"prompt\": \"Q2\", " + whole + "}",
                "{\"prompt\": [" + talk + "], " + whole + "}",
                "{\"prompt\": [" + talk + "], " + answers + "}", // TRL's explicit prompt
                "{\"prompt\": [" + talk + "], \"chosen\": \"C\", \"rejected\": \"D\"}")) {
            assertThat(PreferenceFile.read(file(line))).as(line).containsExactly(expected);
        }
        refusesPreferences(
                "{\"prompt\": \"other\", " + whole + "}",
                "p.jsonl:1: the prompt is not in the conversation that 'chosen' and 'rejected' end");
        refusesPreferences(
                "{" + answers + "}", "p.jsonl:1: there is no field 'prompt'; the fields are [chosen, rejected]");
        refusesPreferences(
                "{\"prompt\": \"Q\", \"chosen\": [" + talk + "," + chosen + "], \"rejected\": [" + talk + "]}",
                "p.jsonl:1: the rejected answer ends with a turn of 'user', expected one of 'assistant'");
        refusesPreferences(
                "{\"chosen\": [" + talk + "," + chosen + "], \"rejected\": [{\"role\": \"user\", \"content\": \"x\"},"
                        + rejected + "]}",
                "p.jsonl:1: 'chosen' and 'rejected' are different conversations before their last turns, expected the"
                        + " same");
    }

    @Test
    void contentMayBeInPartsOrMissingBesideToolCalls() throws IOException {
        List<ChatMessage> messages = PromptFile.read(file("{\"prompt\": [{\"role\": \"assistant\", \"content\": null,"
                        + " \"tool_calls\": [{\"x\": 1.5}]}, {\"role\": \"tool\", \"content\": [{\"type\": \"text\","
                        + " \"text\": \"a\"}, {\"type\": \"text\", \"text\": \"b\"}]}]}"))
                .getFirst()
                .messages();
        assertThat(messages.getFirst().asMap()).containsEntry("content", null).containsEntry("role", "assistant");
        assertThat(messages.getFirst().fields().get("tool_calls")).isEqualTo(List.of(Map.of("x", 1.5)));
        assertThat(messages.getLast().content()).isEqualTo("a\nb");
        assertThat(messages.getLast().asMap().get("content"))
                .isEqualTo(List.of(Map.of("type", "text", "text", "a"), Map.of("type", "text", "text", "b")));
    }

    private void refusesPreferences(String text, String message) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> PreferenceFile.read(file))
                .isInstanceOf(PromptException.class)
                .hasMessage(message);
    }

    @Test
    void refusesWhatIsNoObjectByFileAndLine() throws IOException {
        String good = "{\"prompt\": \"a\"}\n";
        for (String bad : List.of("\"text\"", "17", "null", "[1]")) {
            refusesPrompts(good + good + bad + "\n", "p.jsonl:3: not a JSON object: " + bad);
        }
        refusesPrompts(good + "hello", "p.jsonl:2: not a JSON object: hello (column 1: expected a value, found 'h')");
        for (String bad : List.of(
                "{\"prompt\": \"a\"",
                "{'prompt': 'a'}",
                "{\"prompt\": \"a\"} {}",
                "{prompt: \"a\"}",
                "{\"prompt\": NaN}")) {
            Path file = file(good + good + bad + "\n");
            assertThatThrownBy(() -> PromptFile.read(file))
                    .isInstanceOf(PromptException.class)
                    .hasMessageStartingWith("p.jsonl:3: not a JSON object: " + bad + " (column ");
        }
        refusesPrompts(
                "{\"prompt\": \"" + "x".repeat(100),
                "p.jsonl:1: not a JSON object: {\"prompt\": \"" + "x".repeat(28)
                        + "... (column 113: expected '\"', found the end)");
        refusesPrompts(
                "{\"prompt\": \"a\", \"x\": 1e10000}", "p.jsonl:1: the exponent of the number 1e10000 is too large");
    }

    @Test
    void refusesPromptsThatAreEmptyOrMissing() throws IOException {
        String good = "{\"prompt\": \"a\"}\n";
        refusesPrompts(good + "{\"prompt\": \" \\n\"}", "p.jsonl:2: the prompt is empty");
        refusesPrompts(good + "{\"instruction\": \"\"}", "p.jsonl:2: the prompt is empty");
        refusesPrompts(good + "{\"prompt\": 7}", "p.jsonl:2: the prompt is not a string");
        refusesPrompts(good + "{\"prompt\": [\"a\"]}", "p.jsonl:2: not a JSON object: \"a\"");
        refusesPrompts(
                "\n{\"text\": \"a\", \"b\": 1}", "p.jsonl:2: there is no field 'prompt'; the fields are [text, b]");
        refusesPrompts(
                "{\"promt\": \"a\"}",
                "p.jsonl:1: there is no field 'prompt'; the fields are [promt]; did you mean prompt by 'promt'?");
        refusesPrompts(
                "{\"id\": 1, \"mesages\": []}",
                "p.jsonl:1: there is no field 'messages'; the fields are [id, mesages]; did you mean messages by"
                        + " 'mesages'?");
        refusesPrompts("\n \n", "p.jsonl: there are no prompts in it");
        refusesPrompts("", "p.jsonl: there are no prompts in it");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Path file = directory.resolve("p.jsonl");
        Files.write(file, "{\"prompt\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PromptFile.read(file))
                .isInstanceOf(PromptException.class)
                .hasMessageContaining("not UTF-8 text");
    }

    @Test
    void readsOneConversation() throws IOException {
        Path file = file("\n[{\"role\": \"user\", \"content\": \"a\", \"n\": 1}]");
        assertThat(ConversationFile.read(file)).containsExactly(new ChatMessage("user", "a", Map.of("n", 1L)));
        Path empty = file("[]");
        assertThatThrownBy(() -> ConversationFile.read(empty)).hasMessage("p.jsonl: the conversation has no turns");
        Path object = file("{}");
        assertThatThrownBy(() -> ConversationFile.read(object)).hasMessage("p.jsonl: not a JSON array: {}");
        Path large = file("[{\"role\": \"user\", \"content\": \"a\", \"n\": 1e400}]");
        assertThatThrownBy(() -> ConversationFile.read(large))
                .hasMessage("p.jsonl: the number 1e400 is too large for a chat template");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void deviceIsNamedByItsPath() {
        assertThatThrownBy(() -> PromptFile.read(Path.of("/dev/null")))
                .isInstanceOf(PromptException.class)
                .hasMessage("/dev/null: there are no prompts in it");
    }

    private void refusesPrompts(String text, String message) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> PromptFile.read(file))
                .isInstanceOf(PromptException.class)
                .hasMessage(message);
    }
}
