package io.github.expogguf.search.log;

import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonReader;
import io.github.expogguf.text.json.JsonText;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of a line; what is something else is an {@link IllegalArgumentException} that says what was expected. */
public final class LogJson {

    private LogJson() {}

    public static Map<?, ?> line(String line) {
        try {
            return object(JsonReader.read(line));
        } catch (JsonException malformed) {
            throw new IllegalArgumentException(malformed.getMessage(), malformed);
        }
    }

    public static Map<?, ?> object(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> object)) {
            throw expected("an object", value);
        }
        return object;
    }

    public static List<?> array(Map<?, ?> object, String name) {
        if (!(object.get(name) instanceof List<?> array)) {
            throw expected("an array '" + name + "'", object.get(name));
        }
        return array;
    }

    public static boolean truth(Map<?, ?> object, String name) {
        if (!(object.get(name) instanceof Boolean truth)) {
            throw new IllegalArgumentException("no truth value '" + name + "'");
        }
        return truth;
    }

    public static String string(@Nullable Object value) {
        if (!(value instanceof String text)) {
            throw expected("a string", value);
        }
        return text;
    }

    public static String number(@Nullable Object value) {
        if (!(value instanceof JsonNumber(String text))) {
            throw expected("a number", value);
        }
        return text;
    }

    private static IllegalArgumentException expected(String what, @Nullable Object value) {
        return new IllegalArgumentException("expected " + what + ", found " + JsonText.compact(value));
    }
}
