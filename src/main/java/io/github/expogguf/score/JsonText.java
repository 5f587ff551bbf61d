package io.github.expogguf.score;

import java.util.List;
import java.util.Map;

/** Writes JSON on one line: maps, lists, strings, finite numbers, booleans and null. */
public final class JsonText {

    private JsonText() {}

    /**
     * The value as JSON, without line breaks.
     *
     * @throws IllegalArgumentException if it holds something that JSON has no word for
     */
    public static String of(Object value) {
        StringBuilder json = new StringBuilder();
        write(json, value);
        return json.toString();
    }

    private static void write(StringBuilder json, Object value) {
        switch (value) {
            case null -> json.append("null");
            case String text -> writeString(json, text);
            case Boolean flag -> json.append(flag);
            case Number number -> json.append(finite(number));
            case List<?> list -> writeList(json, list);
            case Map<?, ?> map -> writeMap(json, map);
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

    private static void writeList(StringBuilder json, List<?> list) {
        String separator = "[";
        for (Object element : list) {
            json.append(separator);
            write(json, element);
            separator = ", ";
        }
        json.append(list.isEmpty() ? "[]" : "]");
    }

    private static void writeMap(StringBuilder json, Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(separator);
            writeString(json, (String) entry.getKey());
            json.append(": ");
            write(json, entry.getValue());
            separator = ", ";
        }
        json.append(map.isEmpty() ? "{}" : "}");
    }

    /** Halves of surrogate pairs are escaped too, because UTF-8 cannot express them. */
    private static void writeString(StringBuilder json, String text) {
        json.append('"');
        text.codePoints().forEach(character -> {
            switch (character) {
                case '"', '\\' -> json.append('\\').append((char) character);
                case '\n' -> json.append("\\n");
                case '\t' -> json.append("\\t");
                default -> {
                    if (isPlain(character)) {
                        json.appendCodePoint(character);
                    } else {
                        json.append("\\u%04x".formatted(character));
                    }
                }
            }
        });
        json.append('"');
    }

    private static boolean isPlain(int character) {
        boolean half = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
        boolean lineBreak = character == 0x85 || character == 0x2028 || character == 0x2029;
        return character >= ' ' && character != 0x7F && !half && !lineBreak;
    }
}
