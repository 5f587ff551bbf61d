package io.github.expogguf.safetensors;

import io.github.expogguf.text.json.JsonNumber;
import java.util.Map;
import java.util.function.Predicate;

/** What a value of a JSON file should be. */
public enum JsonKind {
    FLAG("true or false", Boolean.class::isInstance),
    TEXT("a text", String.class::isInstance),
    OBJECT("an object", Map.class::isInstance),
    COUNT("a whole number of 1 or more", value -> isNumber(value) && text(value).matches("[1-9][0-9]{0,17}")),
    INDEX("a whole number of 0 or more", value -> isNumber(value) && text(value).matches("0|[1-9][0-9]{0,17}")),
    NUMBER("a number within the 32-bit floats", value -> isNumber(value) && isFloat(Double.parseDouble(text(value))));

    private final String words;
    private final Predicate<Object> holds;

    JsonKind(String words, Predicate<Object> holds) {
        this.words = words;
        this.holds = holds;
    }

    String words() {
        return words;
    }

    boolean holds(Object value) {
        return holds.test(value);
    }

    private static boolean isNumber(Object value) {
        return value instanceof JsonNumber;
    }

    private static String text(Object value) {
        return ((JsonNumber) value).text();
    }

    private static boolean isFloat(double value) {
        return Float.isFinite((float) value) && ((float) value != 0 || value == 0);
    }
}
