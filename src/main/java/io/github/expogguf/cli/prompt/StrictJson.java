package io.github.expogguf.cli.prompt;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.github.expogguf.PromptException;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Strict JSON, and its values as chat templates take them: whole numbers as {@link Long}s, others as {@link
 * Double}s.
 */
public final class StrictJson {

    private static final int SHOWN_CHARACTERS = 40;

    /** Most digits of a whole number, as in Python (sys.int_info.default_max_str_digits, 3.11). */
    private static final int MAX_DIGITS = 4300;

    private StrictJson() {}

    /**
     * One value.
     *
     * @param origin for messages, as in {@code prompts.jsonl:17}
     * @param wanted what is expected, for messages
     */
    static JsonElement parse(String text, String origin, String wanted) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            if (reader.peek() == JsonToken.END_DOCUMENT) {
                return element;
            }
        } catch (JsonParseException | IOException _) {
            // said below
        }
        throw no(wanted, text, origin);
    }

    /** One object. */
    public static JsonObject object(String text, String origin) {
        return object(parse(text, origin, "object"), origin);
    }

    public static JsonObject object(JsonElement element, String origin) {
        if (!element.isJsonObject()) {
            throw no("object", element.toString(), origin);
        }
        return element.getAsJsonObject();
    }

    /** One array. */
    public static JsonArray array(String text, String origin) {
        JsonElement element = parse(text, origin, "array");
        if (!element.isJsonArray()) {
            throw no("array", text, origin);
        }
        return element.getAsJsonArray();
    }

    static PromptException no(String wanted, String text, String origin) {
        return new PromptException(origin + ": not a JSON " + wanted + ": " + Escape.text(shortened(text)));
    }

    static String shortened(String text) {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }

    /**
     * Strings, booleans, {@link Long}s, {@link BigInteger}s beyond them, {@link Double}s, nulls, lists and maps of the
     * same.
     */
    public static Map<String, @Nullable Object> map(JsonObject object, String origin) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> map.put(entry.getKey(), value(entry.getValue(), origin)));
        return map;
    }

    static @Nullable Object value(JsonElement element, String origin) {
        if (element.isJsonNull()) {
            return null;
        }
        if (element.isJsonObject()) {
            return map(element.getAsJsonObject(), origin);
        }
        if (element.isJsonArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            element.getAsJsonArray().forEach(member -> list.add(value(member, origin)));
            return list;
        }
        JsonPrimitive primitive = element.getAsJsonPrimitive();
        return primitive.isBoolean()
                ? (Object) primitive.getAsBoolean()
                : primitive.isNumber() ? number(primitive.getAsString(), origin) : primitive.getAsString();
    }

    private static Number number(String text, String origin) {
        if (text.matches("-?[0-9]{1,18}")) {
            return Long.parseLong(text);
        }
        if (text.length() <= MAX_DIGITS && text.matches("-?[0-9]+")) {
            return new BigInteger(text);
        }
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value) || text.matches("-?[0-9]+")) {
            throw new PromptException(
                    origin + ": the number " + Escape.text(shortened(text)) + " is too large for a chat template");
        }
        return value;
    }
}
