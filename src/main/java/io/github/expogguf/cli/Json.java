package io.github.expogguf.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;

/** The documents of {@code --json}: one per run, each naming its schema and version. */
final class Json {

    /** Raised when a field changes its meaning or goes away; new fields do not raise it. */
    private static final int SCHEMA_VERSION = 1;

    private Json() {}

    /** A document that starts with {@code "schema": "expo-gguf/NAME/1"}. */
    static JsonObject document(String name) {
        JsonObject document = new JsonObject();
        document.addProperty("schema", "expo-gguf/" + name + "/" + SCHEMA_VERSION);
        return document;
    }

    static JsonArray strings(List<String> values) {
        JsonArray array = new JsonArray(values.size());
        values.forEach(array::add);
        return array;
    }

    static JsonArray longs(long... values) {
        JsonArray array = new JsonArray(values.length);
        for (long value : values) {
            array.add(value);
        }
        return array;
    }

    /** The number; NaN and infinities, which JSON does not know, as a string. */
    static JsonElement number(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : new JsonPrimitive(Double.toString(value));
    }

    /** Maps, lists, strings, numbers and nulls as they are. */
    static JsonObject tree(Map<String, Object> values) {
        return gson().toJsonTree(values).getAsJsonObject();
    }

    /**
     * The document, with what could steer a terminal or turn the direction of reading written as escapes: documents are
     * read by eye, too. Such characters stand in strings alone.
     */
    static String text(JsonElement document) {
        String text = gson().toJson(document);
        StringBuilder safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == '\n' || unit >= ' ' && unit < 0x7f) {
                safe.append(unit);
            } else if (Character.isSurrogate(unit)) {
                int character = text.codePointAt(i);
                boolean isPair = Character.isSupplementaryCodePoint(character);
                if (isPair && !isUnsafe(character)) {
                    safe.appendCodePoint(character);
                    i++;
                } else {
                    safe.append(escaped(unit));
                }
            } else {
                safe.append(isUnsafe(unit) ? escaped(unit) : String.valueOf(unit));
            }
        }
        return safe.toString();
    }

    private static boolean isUnsafe(int character) {
        int type = Character.getType(character);
        return type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE;
    }

    private static String escaped(char unit) {
        return "\\u%04x".formatted((int) unit);
    }

    private static Gson gson() {
        return new GsonBuilder()
                .setPrettyPrinting()
                .serializeNulls()
                .disableHtmlEscaping()
                .create();
    }
}
