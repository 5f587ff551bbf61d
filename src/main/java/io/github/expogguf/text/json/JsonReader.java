package io.github.expogguf.text.json;

import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as RFC 8259 has it and nothing beyond, but for a byte order mark at its beginning: values become {@link
 * String}, {@link JsonNumber}, {@link Boolean}, null, {@link List}, and {@link Map} in the order of the text. Of a key
 * that is there twice the last value counts. Refuses halves of surrogate pairs, which are no text, nesting beyond
 * {@value #MAX_DEPTH}, and numbers of more than {@value #MAX_NUMBER_CHARACTERS} characters.
 */
public final class JsonReader {

    static final int MAX_DEPTH = 255;
    static final int MAX_NUMBER_CHARACTERS = 1023;

    /** A value takes some fifty bytes of memory, and a few bytes of text. */
    private static final int MAX_VALUES_OF_STRANGERS = 1 << 20;

    private static final int MAX_VALUES_OF_MEMBER = 1 << 14;

    private static final int END = -1;

    private final String text;
    private int at;
    private int depth;
    private boolean unique; // no object has a key twice
    private boolean python; // NaN and Infinity are numbers
    private int valuesLeft = Integer.MAX_VALUE;
    private @Nullable Map<String, Integer> lines;
    private @Nullable BiConsumer<String, @Nullable Object> members; // of the outermost object
    private List<Set<String>> wanted = List.of(); // members by depth; of the others only strings and brackets are read

    private JsonReader(String text, int start) {
        this.text = text;
        this.at = start;
    }

    /** The one value that the text is. */
    public static @Nullable Object read(String text) throws JsonException {
        return read(text, text.startsWith("\ufeff") ? 1 : 0);
    }

    /**
     * The one object that the text is, where no object has a key twice.
     *
     * @param lines takes the line of every key of the outermost object, from 1
     */
    public static @Nullable Object readUnique(String text, Map<String, Integer> lines) throws JsonException {
        JsonReader reader = new JsonReader(text, text.startsWith("\ufeff") ? 1 : 0);
        reader.unique = true;
        reader.lines = lines;
        return reader.only();
    }

    /**
     * The one value that the text is, as Python's {@code json} writes and reads it: {@code NaN}, {@code Infinity} and
     * {@code -Infinity} are numbers, too, and become {@link Double}. No more than a million values.
     */
    public static @Nullable Object readPython(String text) throws JsonException {
        JsonReader reader = new JsonReader(text, 0);
        reader.python = true;
        reader.valuesLeft = MAX_VALUES_OF_STRANGERS;
        return reader.only();
    }

    /**
     * Hands over the members of the one object that the text is, one after the other, so that they are not all in
     * memory. No object inside of them has a key twice, and none of them has more than {@value #MAX_VALUES_OF_MEMBER}
     * values; whether two of them have one name is for the taker to see.
     */
    public static void readMembers(String text, BiConsumer<String, @Nullable Object> taker) throws JsonException {
        JsonReader reader = new JsonReader(text, 0);
        reader.unique = true;
        reader.members = taker;
        if (reader.next() != '{') {
            throw reader.expected("'{'");
        }
        reader.only();
    }

    /**
     * The one object that the text is, with some of its members. The others are passed over: nothing of them is in
     * memory, and whether they are JSON is not looked at closely. No object of those that are read has a key twice.
     *
     * @param wanted names of members of the outermost object, of the objects that these are, and so on; deeper in, all
     */
    public static Map<?, ?> readSome(String text, List<Set<String>> wanted) throws JsonException {
        JsonReader reader = new JsonReader(text, 0);
        reader.valuesLeft = MAX_VALUES_OF_STRANGERS;
        reader.unique = true;
        reader.wanted = wanted;
        if (reader.next() != '{' || !(reader.only() instanceof Map<?, ?> map)) {
            throw reader.expected("'{'");
        }
        return map;
    }

    /** The one value that the text is from here on; messages count from its beginning. */
    public static @Nullable Object read(String text, int start) throws JsonException {
        return new JsonReader(text, start).only();
    }

    private @Nullable Object only() throws JsonException {
        Object value = value();
        if (next() != END) {
            throw expected("nothing after the value");
        }
        return value;
    }

    private @Nullable Object value() throws JsonException {
        int first = next();
        if (valuesLeft-- == 0) {
            throw expected("fewer values");
        }
        return switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            case '-' ->
                python && text.startsWith("-Infinity", at) ? word("-Infinity", Double.NEGATIVE_INFINITY) : number();
            case 'I' -> python ? word("Infinity", Double.POSITIVE_INFINITY) : noValue();
            case 'N' -> python ? word("NaN", Double.NaN) : noValue();
            default -> noValue();
        };
    }

    private Object noValue() throws JsonException {
        throw expected("a value");
    }

    private Map<String, @Nullable Object> object() throws JsonException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        begin();
        if (next() != '}') {
            while (true) {
                if (next() != '"') {
                    throw expected(object.isEmpty() ? "a name in double quotes or '}'" : "a name in double quotes");
                }
                int start = at;
                String name = string();
                if (unique && object.containsKey(name)) {
                    throw new JsonException(place(start) + Escape.quote(name) + " is there twice, expected once");
                }
                if (lines != null && depth == 1) {
                    lines.put(name, line(start));
                }
                if (next() != ':') {
                    throw expected("':'");
                }
                at++;
                if (members != null && depth == 1) {
                    valuesLeft = MAX_VALUES_OF_MEMBER;
                }
                if (depth <= wanted.size() && !wanted.get(depth - 1).contains(name)) {
                    passOver();
                } else if (members != null && depth == 1) {
                    members.accept(name, value());
                } else {
                    object.put(name, value());
                }
                if (next() == '}') {
                    break;
                }
                passComma("',' or '}'");
            }
        }
        end();
        return object;
    }

    /** To the end of a value. */
    private void passOver() throws JsonException {
        int inside = 0;
        while (inside > 0 || (next() != ',' && next() != '}')) {
            switch (next()) {
                case END -> throw expected("the end of a value");
                case '"' -> string();
                case '{', '[' -> {
                    inside++;
                    at++;
                }
                case '}', ']' -> {
                    inside--;
                    at++;
                }
                default -> at++;
            }
        }
    }

    private List<@Nullable Object> array() throws JsonException {
        List<@Nullable Object> array = new ArrayList<>();
        begin();
        if (next() != ']') {
            while (true) {
                array.add(value());
                if (next() == ']') {
                    break;
                }
                passComma("',' or ']'");
            }
        }
        end();
        return array;
    }

    private void begin() throws JsonException {
        if (++depth > MAX_DEPTH) {
            throw expected("at most " + MAX_DEPTH + " objects and arrays inside of each other");
        }
        at++;
    }

    private void end() {
        depth--;
        at++;
    }

    private void passComma(String expected) throws JsonException {
        if (next() != ',') {
            throw expected(expected);
        }
        at++;
    }

    private <T extends @Nullable Object> T word(String word, T value) throws JsonException {
        if (!text.startsWith(word, at)) {
            throw expected("a value");
        }
        at += word.length();
        return value;
    }

    private JsonNumber number() throws JsonException {
        int start = at;
        pass('-');
        if (!pass('0')) {
            passDigits();
        }
        if (pass('.')) {
            passDigits();
        }
        if (pass('e') || pass('E')) {
            if (!pass('+')) {
                pass('-');
            }
            passDigits();
        }
        if (at - start > MAX_NUMBER_CHARACTERS) {
            at = start;
            throw expected("a number of at most " + MAX_NUMBER_CHARACTERS + " characters");
        }
        return new JsonNumber(text.substring(start, at));
    }

    private boolean pass(char character) {
        boolean isThere = current() == character;
        if (isThere) {
            at++;
        }
        return isThere;
    }

    private void passDigits() throws JsonException {
        if (!isDigit()) {
            throw expected("a digit");
        }
        while (isDigit()) {
            at++;
        }
    }

    private boolean isDigit() {
        return current() >= '0' && current() <= '9';
    }

    private String string() throws JsonException {
        int start = at++;
        int copied = at;
        StringBuilder unescaped = new StringBuilder();
        while (current() != '"') {
            if (current() < ' ') { // the end, too
                throw expected(current() == END ? "'\"'" : "no control character in a string");
            }
            if (current() == '\\') {
                unescaped.append(text, copied, at++).append(escaped());
                copied = at;
            } else {
                at++;
            }
        }
        unescaped.append(text, copied, at++);
        String string = unescaped.toString();
        if (hasHalfPair(string)) {
            at = start;
            throw expected("a string without halves of surrogate pairs");
        }
        return string;
    }

    private char escaped() throws JsonException {
        char character = switch (current()) {
            case '"', '\\', '/' -> (char) current();
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> throw expected("one of \"\\/bfnrtu after a backslash");
        };
        at++;
        return character;
    }

    /** Leaves the last digit to be passed. */
    private char unit() throws JsonException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            at++;
            int digit = current() < 0x80 ? Character.digit(current(), 16) : -1;
            if (digit < 0) {
                throw expected("four hexadecimal digits after \\u");
            }
            unit = 16 * unit + digit;
        }
        return (char) unit;
    }

    private static boolean hasHalfPair(String string) {
        return string.codePoints().anyMatch(point -> Character.getType(point) == Character.SURROGATE);
    }

    private int current() {
        return at < text.length() ? text.charAt(at) : END;
    }

    /** The next character that is no white space, or the end. */
    private int next() {
        while (current() == ' ' || current() == '\n' || current() == '\r' || current() == '\t') {
            at++;
        }
        return current();
    }

    private JsonException expected(String what) {
        String found = current() == END ? "the end" : Escape.quote(Character.toString(text.codePointAt(at)));
        return new JsonException(place(at) + "expected " + what + ", found " + found);
    }

    private String place(int position) {
        int column = position - text.lastIndexOf('\n', position - 1);
        return (text.indexOf('\n') < 0 ? "" : "line " + line(position) + ", ") + "column " + column + ": ";
    }

    private int line(int position) {
        return 1
                + (int) text.substring(0, position)
                        .chars()
                        .filter(each -> each == '\n')
                        .count();
    }
}
