package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.infer.jinja.value.JinjaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Two thousand small templates, one for each thing that the language can do or refuses, with what jinja2 (3.1.2 and
 * 3.1.6 alike) makes of them; {@code record_language.py} records it.
 */
final class LanguageTest {

    private static final Path CASES = Path.of("src/test/resources/jinja/language.jsonl");
    private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-11-29T07:05:03.123456Z");

    @Test
    void everyTemplateGivesTheTextOfJinja2OrItsWords() throws IOException {
        List<String> lines = Files.readAllLines(CASES);
        Map<String, Object> variables = variables(lines.getFirst());
        List<String> differences = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            JsonObject example = JsonParser.parseString(line).getAsJsonObject();
            String difference = difference(example, variables);
            if (difference != null) {
                differences.add(example + "\n  ours: " + difference);
            }
        }
        assertThat(differences).isEmpty();
        assertThat(lines).hasSizeGreaterThan(2000);
    }

    /** What we make of a template, if it is not what was recorded, else null. */
    private static String difference(JsonObject example, Map<String, Object> variables) {
        try {
            String text =
                    JinjaTemplate.parse(example.get("template").getAsString()).render(variables, NOW);
            return example.has("text") && text.equals(example.get("text").getAsString()) ? null : "'" + text + "'";
        } catch (JinjaException e) {
            boolean refused = example.has("error")
                    && e.getMessage().contains(example.get("error").getAsString());
            return refused ? null : e.kind() + ": " + e.getMessage();
        }
    }

    private static Map<String, Object> variables(String line) {
        Map<String, Object> variables = new HashMap<>();
        JsonObject given = JsonParser.parseString(line).getAsJsonObject().getAsJsonObject("variables");
        given.entrySet().forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));
        return variables;
    }

    private static Object value(JsonElement element) {
        if (element.isJsonObject() || element.isJsonArray()) {
            return element.isJsonObject()
                    ? members(element.getAsJsonObject())
                    : element.getAsJsonArray().asList().stream()
                            .map(LanguageTest::value)
                            .toList();
        }
        boolean whole = element.toString().matches("-?[0-9]+");
        return whole ? (Object) element.getAsLong() : new Gson().fromJson(element, Object.class);
    }

    private static Map<String, Object> members(JsonObject object) {
        Map<String, Object> members = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> members.put(entry.getKey(), value(entry.getValue())));
        return members;
    }
}
