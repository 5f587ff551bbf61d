package io.github.expogguf.text.json;

import io.github.expogguf.text.Escape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON on one line: maps, lists, strings, finite numbers, booleans and null. */
public final class JsonText {

    private final StringBuilder json = new StringBuilder();
    private final String comma;
    private final String colon;
    private final boolean compact;

    private JsonText(boolean compact) {
        this.compact = compact;
        this.comma = compact ? "," : ", ";
        this.colon = compact ? ":" : ": ";
    }

    /**
     * The value as JSON, without line breaks; halves of surrogate pairs are escaped, because UTF-8 cannot express them.
     *
     * @throws IllegalArgumentException if it holds something that JSON has no word for
     */
    public static String of(@Nullable Object value) {
        JsonText text = new JsonText(false);
        text.write(value);
        return text.json.toString();
    }

    /**
     * The same to the byte as Gson writes it, as logs of searches have been written from the beginning: without spaces,
     * and with fewer escapes.
     *
     * @throws IllegalArgumentException if it holds something that JSON has no word for
     */
    public static String compact(@Nullable Object value) {
        JsonText text = new JsonText(true);
        text.write(value);
        return text.json.toString();
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case null -> json.append("null");
            case String text -> writeString(text);
            case Boolean flag -> json.append(flag);
            case JsonNumber number -> json.append(number.text());
            case Number number -> json.append(finite(number));
            case List<?> list -> writeList(list);
            case Map<?, ?> map -> writeMap(map);
            default ->
                throw new IllegalArgumentException(
                        "JSON has no " + value.getClass().getName());
        }
    }

    private static String finite(Number number) {
        if (!Double.isFinite(number.doubleValue()) && (number instanceof Double || number instanceof Float)) {
            throw new IllegalArgumentException("JSON has no " + number);
        }
        return number.toString();
    }

    private void writeList(List<?> list) {
        String separator = "[";
        for (Object element : list) {
            json.append(separator);
            write(element);
            separator = comma;
        }
        json.append(list.isEmpty() ? "[]" : "]");
    }

    private void writeMap(Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(separator);
            writeString((String) entry.getKey());
            json.append(colon);
            write(entry.getValue());
            separator = comma;
        }
        json.append(map.isEmpty() ? "{}" : "}");
    }

    private void writeString(String text) {
        json.append('"');
        text.codePoints().forEach(character -> {
            switch (character) {
                case '"', '\\' -> json.append('\\').append((char) character);
                case '\n' -> json.append("\\n");
                case '\t' -> json.append("\\t");
                default -> {
                    if (compact) {
                        writeCompact(character);
                    } else if (isPlain(character)) {
                        json.appendCodePoint(character);
                    } else {
                        writeCode(character);
                    }
                }
            }
        });
        json.append('"');
    }

    private void writeCompact(int character) {
        switch (character) {
            case '\b' -> json.append("\\b");
            case '\f' -> json.append("\\f");
            case '\r' -> json.append("\\r");
            case 0x2028, 0x2029 -> writeCode(character);
            default -> {
                if (character < ' ') {
                    writeCode(character);
                } else {
                    json.appendCodePoint(character);
                }
            }
        }
    }

    private void writeCode(int character) {
        json.append(Escape.unit(character));
    }

    private static boolean isPlain(int character) {
        boolean half = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
        boolean lineBreak = character == 0x85 || character == 0x2028 || character == 0x2029;
        return character >= ' ' && character != 0x7F && !half && !lineBreak;
    }
}
