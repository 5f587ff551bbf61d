package io.github.expogguf.cli.prompt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.expogguf.PromptException;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.terminal.TextInput;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of prompts and preferences: one JSON object a line, or one JSON array of objects, as the evaluation set
 * of AlpacaEval is. A text may be a string, or a conversation ({@link MessagesJson}). Blank lines are passed over.
 * Errors name file and line.
 */
public final class JsonLines {

    private final String file;

    private JsonLines(Path path) {
        this.file = path.getFileName().toString();
    }

    /** Makes something of a line; {@code origin} as in {@code prompts.jsonl:17}. */
    private interface Reading<T> {
        T read(JsonObject object, String origin);
    }

    /**
     * Prompts: the field {@code prompt}, or {@code instruction}, or {@code messages} where there is none.
     *
     * @throws PromptException if something else is in the file, or nothing
     */
    public static List<Prompt> prompts(Path path) throws IOException {
        return new JsonLines(path).read(path, "prompts", (object, origin) -> {
            String name = Stream.of("prompt", "instruction", "messages")
                    .filter(object::has)
                    .findFirst()
                    .orElse("prompt");
            return made(
                    origin,
                    () -> new Prompt(
                            PreferenceJson.turns(object, name, "prompt", "user", origin),
                            fields(object, origin),
                            origin));
        });
    }

    /**
     * Pairs: the fields {@code chosen} and {@code rejected} with {@code prompt} (or {@code instruction}), or as whole
     * conversations.
     *
     * @throws PromptException if something else is in the file, or nothing
     */
    public static List<Preference> preferences(Path path) throws IOException {
        return new JsonLines(path)
                .read(path, "preferences", (object, origin) -> made(origin, () -> PreferenceJson.read(object, origin)));
    }

    /** What is no question and no answer is no prompt either. */
    private static <T> T made(String origin, Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException wrong) {
            throw new PromptException(origin + ": " + wrong.getMessage());
        }
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
                all.add(reading.read(StrictJson.object(text, origin), origin));
            }
            start = end + 1;
        }
        return requireSome(all, what);
    }

    private <T> List<T> readArray(String text, int line, String what, Reading<T> reading) {
        List<T> all = new ArrayList<>();
        for (JsonElement element :
                StrictJson.parse(text, file + ":" + line, "object").getAsJsonArray()) {
            String origin = file + ": element " + (all.size() + 1);
            all.add(reading.read(StrictJson.object(element, origin), origin));
        }
        return requireSome(all, what);
    }

    private <T> List<T> requireSome(List<T> all, String what) {
        if (all.isEmpty()) {
            throw new PromptException(file + ": there are no " + what + " in it");
        }
        return all;
    }

    private static Map<String, Object> fields(JsonObject object, String origin) {
        try {
            return values(object);
        } catch (NumberFormatException unusable) { // of gson: an exponent or a length that would take all memory
            throw new PromptException(origin + ": " + Escape.text(StrictJson.shortened(Failures.message(unusable))));
        }
    }

    private static Map<String, Object> values(JsonObject object) {
        Map<String, Object> values = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
        return values;
    }

    /** Numbers become decimals, so that they are written as they were read. */
    private static @Nullable Object value(JsonElement element) {
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
