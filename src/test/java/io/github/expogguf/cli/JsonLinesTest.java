package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.PromptException;
import io.github.expogguf.score.JsonText;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
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
        List<Prompt> prompts = JsonLines.prompts(file("\ufeff" + line + "\n\n  {\"instruction\": \"Why?\"}\r\n"));

        assertThat(prompts).extracting(Prompt::text).containsExactly("Who?", "Why?");
        assertThat(prompts).extracting(Prompt::origin).containsExactly("p.jsonl:1", "p.jsonl:3");
        assertThat(JsonText.of(prompts.getFirst().fields())).isEqualTo(line.replace("\\u00e9", "\u00e9"));
    }

    @Test
    void readsAnArrayOfObjects() throws IOException {
        List<Prompt> prompts = JsonLines.prompts(
                file("\n[\n {\"instruction\": \"A?\", \"dataset\": \"koala\"},\n {\"instruction\":\n \"B?\"}\n]\n"));
        assertThat(prompts).extracting(Prompt::text).containsExactly("A?", "B?");
        assertThat(prompts.getLast().origin()).isEqualTo("p.jsonl: element 2");
        refusesPrompts("[{\"prompt\": \"a\"}, 7]", "p.jsonl: element 2: not a JSON object: 7");
        refusesPrompts("[{\"prompt\": \"a\"}", "p.jsonl:1: not a JSON object: [{\"prompt\": \"a\"}");
        refusesPrompts("[]", "p.jsonl: there are no prompts in it");
    }

    @Test
    void readsPreferences() throws IOException {
        assertThat(JsonLines.preferences(file("{\"prompt\": \"Q\", \"chosen\": \"A\", \"rejected\": \"B\"}")))
                .containsExactly(new Preference("Q", "A", "B", "p.jsonl:1"));
        assertThatThrownBy(() -> JsonLines.preferences(file("{\"prompt\": \"Q\", \"chosen\": \"A\"}")))
                .hasMessage("p.jsonl:1: there is no field 'rejected'; the fields are [prompt, chosen]");
        assertThatThrownBy(() -> JsonLines.preferences(
                        file("{\"prompt\": \"Q\", \"chosen\": \" \", \"rejected\": \"B\"}")))
                .hasMessage("p.jsonl:1: the chosen answer is empty");
    }

    @Test
    void readsConversationsOfOneQuestion() throws IOException {
        String user = "{\"role\": \"user\", \"content\": \"Q\"}";
        String good = "{\"content\": \"A\", \"role\": \"assistant\"}";
        String bad = "{\"content\": \"B\", \"role\": \"assistant\"}";
        assertThat(JsonLines.preferences(file("{\"prompt\": \"Q\", \"chosen\": [" + user + "," + good
                        + "], \"rejected\": [" + user + "," + bad + "]}\n{\"prompt\": [" + user + "], \"chosen\": ["
                        + good + "], \"rejected\": [" + bad + "]}")))
                .containsExactly(
                        new Preference("Q", "A", "B", "p.jsonl:1"), new Preference("Q", "A", "B", "p.jsonl:2"));
        refusesPrompts(
                "{\"prompt\": [" + user + "," + good + "]}",
                "p.jsonl:1: the prompt has 2 turns, expected one question and at most one answer");
        refusesPrompts("{\"prompt\": []}", "p.jsonl:1: the prompt has 0 turns, expected one question and at most one"
                + " answer");
        refusesPrompts(
                "{\"prompt\": [" + good + "]}",
                "p.jsonl:1: the prompt ends with a turn of 'assistant', expected one of 'user'");
        refusesPrompts("{\"prompt\": [{\"role\": \"user\"}]}", "p.jsonl:1: the prompt's content is not a string");
    }

    @Test
    void refusesWhatIsNoObjectByFileAndLine() throws IOException {
        String good = "{\"prompt\": \"a\"}\n";
        for (String bad : List.of("hello", "\"text\"", "17", "null", "{\"prompt\": \"a\"", "{'prompt': 'a'}",
                "{\"prompt\": \"a\"} {}", "{prompt: \"a\"}", "{\"prompt\": NaN}", "[1]")) {
            refusesPrompts(good + good + bad + "\n", "p.jsonl:3: not a JSON object: " + bad);
        }
        refusesPrompts("{\"prompt\": \"" + "x".repeat(100), "p.jsonl:1: not a JSON object: {\"prompt\": \""
                + "x".repeat(28) + "...");
    }

    @Test
    void refusesPromptsThatAreEmptyOrMissing() throws IOException {
        String good = "{\"prompt\": \"a\"}\n";
        refusesPrompts(good + "{\"prompt\": \" \\n\"}", "p.jsonl:2: the prompt is empty");
        refusesPrompts(good + "{\"instruction\": \"\"}", "p.jsonl:2: the prompt is empty");
        refusesPrompts(good + "{\"prompt\": 7}", "p.jsonl:2: the prompt is not a string");
        refusesPrompts(good + "{\"prompt\": [\"a\"]}", "p.jsonl:2: not a JSON object: \"a\"");
        refusesPrompts(
                "\n{\"text\": \"a\", \"b\": 1}",
                "p.jsonl:2: there is no field 'prompt'; the fields are [text, b]");
        refusesPrompts("\n \n", "p.jsonl: there are no prompts in it");
        refusesPrompts("", "p.jsonl: there are no prompts in it");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Path file = directory.resolve("p.jsonl");
        Files.write(file, "{\"prompt\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> JsonLines.prompts(file))
                .isInstanceOf(PromptException.class)
                .hasMessageContaining("not UTF-8 text");
    }

    private void refusesPrompts(String text, String message) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> JsonLines.prompts(file)).isInstanceOf(PromptException.class).hasMessage(message);
    }
}
