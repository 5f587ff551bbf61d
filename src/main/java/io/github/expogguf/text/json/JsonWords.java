package io.github.expogguf.text.json;

import io.github.expogguf.text.Escape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells what a value of JSON is, for messages. */
public final class JsonWords {

    private static final int SHOWN_CHARACTERS = 40;

    private JsonWords() {}

    /** As in {@code the text 'x'}, {@code 7}, {@code an array} or {@code null}. */
    public static String of(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case JsonNumber number -> start(number.text());
            case String text -> "the text " + Escape.quote(start(text));
            case Map<?, ?> _ -> "an object";
            case List<?> _ -> "an array";
            default -> String.valueOf(value);
        };
    }

    private static String start(String text) {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    }
}
