package io.github.expogguf.text.json;

import io.github.expogguf.PromptException;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** JSON that people give, as {@link JsonReader} reads it; where it is refused, the message says where it stands. */
public final class StrictJson {

    private static final int SHOWN_CHARACTERS = 40;

    private StrictJson() {}

    /**
     * One object.
     *
     * @param origin for messages, as in {@code prompts.jsonl:17}
     * @throws PromptException if the text is something else
     */
    public static Map<String, @Nullable Object> object(String text, String origin) {
        return object(parse(text, 0, origin, "object"), origin);
    }

    /**
     * One object, where no object has a key twice.
     *
     * @param lines takes the line of every key, from 1
     */
    public static Map<String, @Nullable Object> uniqueObject(String text, String origin, Map<String, Integer> lines) {
        try {
            return object(JsonReader.readUnique(text, lines), origin);
        } catch (JsonException malformed) {
            throw malformed(malformed, text, "object", origin);
        }
    }

    /** The same of a value that was read. */
    @SuppressWarnings("unchecked") // keys are names
    public static Map<String, @Nullable Object> object(@Nullable Object value, String origin) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new PromptException(no("object", JsonText.compact(value), origin));
        }
        return (Map<String, @Nullable Object>) map;
    }

    /** One array. */
    public static List<?> array(String text, String origin) {
        if (!(parse(text, 0, origin, "array") instanceof List<?> array)) {
            throw new PromptException(no("array", text, origin));
        }
        return array;
    }

    /** The array of objects that begins here. */
    public static List<?> objects(String text, int start, String origin) {
        return parse(text, start, origin, "object") instanceof List<?> array ? array : List.of();
    }

    private static @Nullable Object parse(String text, int start, String origin, String wanted) {
        try {
            return start == 0 ? JsonReader.read(text) : JsonReader.read(text, start);
        } catch (JsonException malformed) {
            throw malformed(malformed, text.substring(start), wanted, origin);
        }
    }

    private static PromptException malformed(JsonException why, String text, String wanted, String origin) {
        return new PromptException(no(wanted, text, origin) + " (" + why.getMessage() + ")");
    }

    private static String no(String wanted, String text, String origin) {
        return origin + ": not a JSON " + wanted + ": " + Escape.text(shortened(text));
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }

    /**
     * The values as chat templates take them: numbers as {@link JsonNumber#value} has them.
     *
     * @throws PromptException if a number is too large
     */
    public static Map<String, @Nullable Object> templateValues(Map<String, @Nullable Object> object, String origin) {
        return map(object, number -> {
            try {
                return number.value();
            } catch (ArithmeticException _) {
                throw new PromptException(origin + ": the number " + Escape.text(shortened(number.text()))
                        + " is too large for a chat template");
            }
        });
    }

    /**
     * The values with decimals for numbers, so that they are written as they were read.
     *
     * @throws PromptException if the exponent of one is so large that its digits would take all memory
     */
    public static Map<String, @Nullable Object> decimals(Map<String, @Nullable Object> object, String origin) {
        return map(object, number -> {
            try {
                return number.decimal();
            } catch (ArithmeticException _) {
                throw new PromptException(
                        origin + ": the exponent of the number " + shortened(number.text()) + " is too large");
            }
        });
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> object, Function<JsonNumber, Number> number) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        object.forEach((name, value) -> map.put((String) name, value(value, number)));
        return map;
    }

    private static @Nullable Object value(@Nullable Object value, Function<JsonNumber, Number> number) {
        return switch (value) {
            case Map<?, ?> object -> map(object, number);
            case List<?> array -> {
                List<@Nullable Object> list = new ArrayList<>();
                array.forEach(member -> list.add(value(member, number)));
                yield list;
            }
            case JsonNumber written -> number.apply(written);
            case null, default -> value;
        };
    }
}
