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

    static String text(JsonElement document) {
        return gson().toJson(document);
    }

    private static Gson gson() {
        return new GsonBuilder()
                .setPrettyPrinting()
                .serializeNulls()
                .disableHtmlEscaping()
                .create();
    }
}
