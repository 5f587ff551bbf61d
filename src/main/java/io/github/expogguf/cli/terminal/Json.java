package io.github.expogguf.cli.terminal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The documents of {@code --json}: one per run, each naming its schema and version. */
public final class Json {

    /** Raised when a field changes its meaning or goes away; new fields do not raise it. */
    private static final int SCHEMA_VERSION = 1;

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .serializeNulls()
            .serializeSpecialFloatingPointValues() // until they are written
            .disableHtmlEscaping()
            .create();

    private Json() {}

    /** A document that starts with {@code "schema": "expo-gguf/NAME/1"}. */
    public static JsonObject document(String name) {
        JsonObject document = new JsonObject();
        document.addProperty("schema", "expo-gguf/" + name + "/" + SCHEMA_VERSION);
        return document;
    }

    public static JsonArray strings(List<String> values) {
        JsonArray array = new JsonArray(values.size());
        values.forEach(array::add);
        return array;
    }

    public static JsonArray longs(long... values) {
        JsonArray array = new JsonArray(values.length);
        for (long value : values) {
            array.add(value);
        }
        return array;
    }

    /** The number; NaN and infinities, which JSON does not know, as a string. */
    public static JsonElement number(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : new JsonPrimitive(Double.toString(value));
    }

    /** The number; null in the place of NaN and infinities, among numbers that somebody computes with. */
    public static JsonElement numberOrNull(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
    }

    /** Maps, lists, strings, numbers and nulls as they are. */
    public static JsonObject tree(Map<String, ? extends @Nullable Object> values) {
        return GSON.toJsonTree(values).getAsJsonObject();
    }

    /** The document, as {@link JsonOutput} writes it. */
    public static String text(JsonElement document) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonOutput out = new JsonOutput(bytes)) {
            write(document, writer(out));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no device
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** A writer of a document's parts. */
    public static JsonWriter writer(JsonOutput out) throws IOException {
        return GSON.newJsonWriter(out);
    }

    /** Writes one part, with strings for numbers that JSON does not know, as {@link #number} does. */
    public static void write(JsonElement part, JsonWriter writer) {
        GSON.toJson(finite(part), writer);
    }

    private static JsonElement finite(JsonElement part) {
        switch (part) {
            case JsonObject object -> object.entrySet().forEach(member -> member.setValue(finite(member.getValue())));
            case JsonArray array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, finite(array.get(i)));
                }
            }
            case JsonPrimitive primitive
            when primitive.isNumber() && !Double.isFinite(primitive.getAsDouble()) -> {
                return new JsonPrimitive(primitive.getAsString());
            }
            default -> {
                return part;
            }
        }
        return part;
    }
}
