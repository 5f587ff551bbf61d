package io.github.expogguf.infer.jinja;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The conversations that every template is rendered in, with what transformers passes beside them. */
final class Conversations {

    /** Day and hours of one digit, so that padding shows. */
    static final ZonedDateTime NOW = ZonedDateTime.of(2026, 3, 5, 7, 8, 9, 0, ZoneOffset.UTC);

    private static final String THOUGHT = "Let me see.\nTwo and two ...\n\n... are four.";
    /** Ends in what Python's strip() takes and Java's does not, and the other way round; a line end of each kind. */
    private static final String ODD = "\u00a0\u202f\u0085 \u001cZürich 東京 e\u0301 \uD83D\uDC69\u200D\uD83D\uDE80"
            + " \u2028x\u2029 a\r\nb\rc\u000bd\u000ce\u001ff\ttab \\n {{ no }} {% tag %} <|im_end|> \"quoted\" 'it''s'"
            + "\u200b\u0130\u00df\ufb01\u2003\u00a0\u0085\u001c\r\n";

    private Conversations() {}

    /** The variables of each conversation by its name, in a fixed order. */
    static Map<String, Map<String, Object>> all() {
        Map<String, Object> user = message("user", "What is two and two?");
        Map<String, Object> system = message("system", "Answer briefly.");
        Map<String, Object> answer = message("assistant", "Four.");
        Map<String, Object> further = message("user", "And three and three?");
        Map<String, Object> thinking = message("assistant", "<think>\n" + THOUGHT + "\n</think>\n\nFour.");
        Map<String, Object> reasoning = with(answer, "reasoning_content", THOUGHT);
        Map<String, Object> called = with(message("assistant", null), "tool_calls", List.of(call(arguments())));
        Map<String, Object> calledInJson =
                with(message("assistant", ""), "tool_calls", List.of(call("{\"city\": \"Zürich\", \"days\": 2}")));
        Map<String, Object> result = with(message("tool", "{\"sky\": \"clear\"}"), "tool_call_id", "abcdefghi");
        result.put("name", "weather");

        Map<String, Map<String, Object>> all = new LinkedHashMap<>();
        all.put("one user turn", variables(user));
        all.put("system, user", variables(system, user));
        all.put("several turns", variables(system, user, answer, further));
        all.put("several turns, no system", variables(user, answer, further));
        all.put("no generation prompt", with(variables(system, user, answer), "add_generation_prompt", false));
        all.put("thought in content", variables(user, thinking, further, thinking, user));
        all.put("thought as a field", variables(system, user, reasoning, further));
        all.put("thought at the end", with(variables(user, reasoning), "add_generation_prompt", false));
        all.put("system in the middle", variables(user, answer, system, further));
        all.put(
                "odd white space",
                variables(
                        message("system", ODD),
                        message("user", ODD + ODD),
                        message("assistant", ODD),
                        message("user", ODD)));
        all.put("enable_thinking false", with(variables(system, user), "enable_thinking", false));
        all.put("enable_thinking true", with(variables(user, thinking, further), "enable_thinking", true));
        all.put(
                "thinking, low effort",
                with(
                        with(with(variables(system, user), "thinking", true), "reasoning_effort", "low"),
                        "thinking_budget",
                        512L));
        all.put("tools", with(variables(system, user), "tools", tools()));
        all.put("tools called", with(variables(user, called, result, answer, further), "tools", tools()));
        all.put("called in JSON", with(variables(system, user, calledInJson, result), "tools", tools()));
        all.put(
                "parts of content",
                variables(with(
                        user,
                        "content",
                        List.of(map("type", "text", "text", " Hi"), map("type", "text", "text", "there ")))));
        all.put("roles out of turn", variables(answer, user, further, message("oracle", "?")));
        all.put("no content", variables(user, message("assistant", null), further));
        all.put("empty texts", variables(message("system", ""), message("user", ""), message("assistant", "")));
        all.put("no messages", variables());
        return all;
    }

    /** What transformers passes for these messages, the missing tools and documents included. */
    private static Map<String, Object> variables(Object... messages) {
        return map(
                "messages",
                List.of(messages),
                "tools",
                null,
                "documents",
                null,
                "add_generation_prompt",
                true,
                "bos_token",
                "<s>",
                "eos_token",
                "</s>");
    }

    private static Map<String, Object> message(String role, String content) {
        return map("role", role, "content", content);
    }

    private static Map<String, Object> arguments() {
        return map("city", "Zürich", "days", 2L, "units", Arrays.asList("C", null), "exact", true, "step", 0.5);
    }

    private static Map<String, Object> call(Object arguments) {
        return map(
                "id", "abcdefghi",
                "type", "function",
                "function", map("name", "weather", "arguments", arguments));
    }

    private static List<Object> tools() {
        Map<String, Object> city = map("type", "string", "description", "a city's \"name\" <b>&");
        Map<String, Object> days = map("type", "integer", "minimum", 1L, "default", 1L);
        Map<String, Object> units = map("type", "array", "items", map("type", "string", "enum", List.of("C", "F")));
        Map<String, Object> exact = map("type", List.of("boolean", "null"));
        Map<String, Object> weather = map(
                "name", "weather",
                "description", "Tells the weather.\nOf today, or of days to come.",
                "parameters",
                        map(
                                "type", "object",
                                "properties", map("city", city, "days", days, "units", units, "exact", exact),
                                "required", List.of("city")));
        Map<String, Object> clock = map(
                "name", "clock",
                "description", "Tells the time.",
                "parameters", map("type", "object", "properties", map()));
        return List.of(map("type", "function", "function", weather), map("type", "function", "function", clock));
    }

    private static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(map);
        copy.put(key, value);
        return copy;
    }

    /** Keys and values in turn; unlike Map.of it keeps their order, as Python does, and takes null. */
    private static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    /** What the random templates find: a value of every type, by names of one letter or so. */
    static Map<String, Object> forRandomTemplates() {
        List<Object> messages = new ArrayList<>();
        messages.add(message("system", " Be brief. "));
        messages.add(message("user", "Hello, World\nHow <b>are</b> you?"));
        messages.add(with(message("assistant", "<think>\nhm\n</think>\n\nFine é"), "n", 3L));
        messages.add(with(message("user", ODD), "n", 1L));
        Map<String, Object> variables = map("messages", messages, "m", messages.get(1), "add_generation_prompt", true);
        variables.putAll(map("i", 3L, "n", 7L, "z", 0L, "big", 9007199254740993L, "x", 2.5, "y", -0.1));
        variables.putAll(map("huge", Double.MAX_VALUE, "tiny", Double.MIN_VALUE));
        variables.putAll(map("s", "Hello, World", "t", ODD, "e", "", "a", "a-b_c d", "k", "role", "v", "straße ΑΣ"));
        variables.putAll(map("yes", true, "no", false, "nothing", null));
        variables.putAll(map(
                "numbers", List.of(3L, 1L, 2L, 2L, -5L),
                "words", List.of("b", "A", "c", "a", "B"),
                "mixed", Arrays.asList(1L, "1", 1.0, true, null, List.of(1L, 2L), map("a", 1L)),
                "empty", List.of(),
                "pairs", List.of(List.of("k", 1L), List.of("j", 2L)),
                "table",
                        map(
                                "b",
                                2L,
                                "A",
                                1L,
                                "c",
                                map("d", Arrays.asList(1L, "x", null)),
                                "items",
                                "shadow",
                                "1",
                                "one"),
                "nomap", map()));
        return variables;
    }
}
