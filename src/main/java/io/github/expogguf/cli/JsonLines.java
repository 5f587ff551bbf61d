package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads files of prompts and preferences: one JSON object a line, or one JSON array of objects, as the evaluation set
 * of AlpacaEval is. A text may be a string, or a conversation of one question and its answer. Blank lines are passed
 * over. Errors name file and line.
 */
final class JsonLines {

    private static final int SHOWN_CHARACTERS = 40;

    private final String file;

    private JsonLines(Path path) {
        this.file = path.getFileName().toString();
    }

    /** Makes something of a line; {@code origin} as in {@code prompts.jsonl:17}. */
    private interface Reading<T> {
        T read(JsonObject object, String origin);
    }

    /**
     * Prompts: the field {@code prompt}, or {@code instruction} where there is none.
     *
     * @throws PromptException if something else is in the file, or nothing
     */
    static List<Prompt> prompts(Path path) throws IOException {
        return new JsonLines(path).read(path, "prompts", (object, origin) -> {
            String name = object.has("prompt") ? "prompt" : "instruction";
            return new Prompt(string(object, name, "prompt", origin), fields(object, origin), origin);
        });
    }

    /**
     * Pairs: the fields {@code prompt} (or {@code instruction}), {@code chosen} and {@code rejected}.
     *
     * @throws PromptException if something else is in the file, or nothing
     */
    static List<Preference> preferences(Path path) throws IOException {
        return new JsonLines(path).read(path, "preferences", (object, origin) -> {
            String name = object.has("prompt") ? "prompt" : "instruction";
            return new Preference(
                    string(object, name, "prompt", origin),
                    string(object, "chosen", "chosen answer", origin),
                    string(object, "rejected", "rejected answer", origin),
                    origin);
        });
    }

    private <T> List<T> read(Path path, String what, Reading<T> reading) throws IOException {
        List<T> all = new ArrayList<>();
        String content = TextInput.read(path);
        int number = 0;
        for (int start = 0; start < content.length(); ) {
            number++;
            int end = content.indexOf('\n', start) < 0 ? content.length() : content.indexOf('\n', start);
            String line = content.substring(start, end);
            String text = (number == 1 && line.startsWith("\ufeff") ? line.substring(1) : line).strip();
            if (all.isEmpty() && text.startsWith("[")) {
                return readArray(content.substring(content.indexOf('[', start)).strip(), number, what, reading);
            }
            if (!text.isEmpty()) {
                String origin = file + ":" + number;
                all.add(reading.read(object(parse(text, origin), origin), origin));
            }
            start = end + 1;
        }
        return requireSome(all, what);
    }

    private <T> List<T> readArray(String text, int line, String what, Reading<T> reading) {
        List<T> all = new ArrayList<>();
        for (JsonElement element : parse(text, file + ":" + line).getAsJsonArray()) {
            String origin = file + ": element " + (all.size() + 1);
            all.add(reading.read(object(element, origin), origin));
        }
        return requireSome(all, what);
    }

    private <T> List<T> requireSome(List<T> all, String what) {
        if (all.isEmpty()) {
            throw new PromptException(file + ": there are no " + what + " in it");
        }
        return all;
    }

    private static JsonElement parse(String text, String origin) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw notAnObject(text, origin);
            }
            return element;
        } catch (JsonParseException | IOException _) {
            throw notAnObject(text, origin);
        }
    }

    private static JsonObject object(JsonElement element, String origin) {
        if (!element.isJsonObject()) {
            throw notAnObject(element.toString(), origin);
        }
        return element.getAsJsonObject();
    }

    private static PromptException notAnObject(String text, String origin) {
        return new PromptException(origin + ": not a JSON object: " + Escape.text(shortened(text)));
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }

    private static String string(JsonObject object, String field, String what, String origin) {
        JsonElement element = object.get(field);
        if (element == null) {
            throw new PromptException(origin + ": there is no field '" + what.split(" ")[0] + "'; the fields are "
                    + Escape.text(object.keySet().toString()));
        }
        String text = element.isJsonArray()
                ? lastTurn(element.getAsJsonArray(), what.equals("prompt") ? "user" : "assistant", what, origin)
                : string(element, what, origin);
        if (text.isBlank()) {
            throw new PromptException(origin + ": the " + what + " is empty");
        }
        return text;
    }

    private static String string(JsonElement element, String what, String origin) {
        if (element == null
                || !element.isJsonPrimitive()
                || !element.getAsJsonPrimitive().isString()) {
            throw new PromptException(origin + ": the " + what + " is not a string");
        }
        return element.getAsString();
    }

    /** Hugging Face's data sets also have conversations, [{role, content}, ...]: one question, and its answer. */
    private static String lastTurn(JsonArray turns, String role, String what, String origin) {
        int most = role.equals("user") ? 1 : 2;
        if (turns.isEmpty() || turns.size() > most) {
            throw new PromptException("%s: the %s has %d turns, expected one question and at most one answer"
                    .formatted(origin, what, turns.size()));
        }
        JsonObject turn = object(turns.get(turns.size() - 1), origin);
        if (!string(turn.get("role"), what + "'s role", origin).equals(role)) {
            throw new PromptException("%s: the %s ends with a turn of '%s', expected one of '%s'"
                    .formatted(origin, what, Escape.text(turn.get("role").getAsString()), role));
        }
        return string(turn.get("content"), what + "'s content", origin);
    }

    private static Map<String, Object> fields(JsonObject object, String origin) {
        try {
            return values(object);
        } catch (NumberFormatException unusable) { // of gson: an exponent or a length that would take all memory
            throw new PromptException(origin + ": " + Escape.text(shortened(unusable.getMessage())));
        }
    }

    private static Map<String, Object> values(JsonObject object) {
        Map<String, Object> values = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
        return values;
    }

    /** Numbers become decimals, so that they are written as they were read. */
    private static Object value(JsonElement element) {
        if (element.isJsonNull()) {
            return null;
        }
        if (element.isJsonObject()) {
            return values(element.getAsJsonObject());
        }
        if (element.isJsonArray()) {
            List<Object> list = new ArrayList<>();
            element.getAsJsonArray().forEach(member -> list.add(value(member)));
            return list;
        }
        if (element.getAsJsonPrimitive().isBoolean()) {
            return element.getAsBoolean();
        }
        return element.getAsJsonPrimitive().isNumber() ? element.getAsBigDecimal() : element.getAsString();
    }
}
