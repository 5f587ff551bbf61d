package io.github.expogguf.text.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what Gson reads, strictly, and refuses what it refuses. */
class JsonReaderTest {

    private static final int DOCUMENTS = 20_000;

    /** What a fault of a reader would show at. */
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "'",
        "\\",
        "/",
        "#",
        ";",
        "=",
        " ",
        "\n",
        "\r",
        "\t",
        "\f",
        "\b",
        "\0",
        "\u000b",
        "\u0085",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "\ud83d",
        "\ude00",
        "\ud83d\ude00",
        "\\u",
        "\\ud83d",
        "\\ude00",
        "\\\"",
        "\\n",
        "\\'",
        "\\x",
        "\\u00e9",
        "0",
        "1",
        "-",
        "+",
        ".",
        "e",
        "E",
        "e5",
        "true",
        "null",
        "NaN",
        "t",
        "\uff11",
        "\u0661",
        "a",
        "\"a\":",
        "\"b\":1,",
        "[1],",
        "//",
        "/*"
    };

    private static Optional<JsonElement> gson(String text) {
        try (com.google.gson.stream.JsonReader reader = new com.google.gson.stream.JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            return reader.peek() == JsonToken.END_DOCUMENT ? Optional.of(element) : Optional.empty();
        } catch (JsonParseException | IOException _) {
            return Optional.empty();
        }
    }

    private static Object tree(JsonElement element) {
        if (element.isJsonNull()) {
            return null;
        }
        if (element.isJsonObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            element.getAsJsonObject().entrySet().forEach(member -> map.put(member.getKey(), tree(member.getValue())));
            return map;
        }
        if (element.isJsonArray()) {
            List<Object> list = new ArrayList<>();
            element.getAsJsonArray().forEach(member -> list.add(tree(member)));
            return list;
        }
        return element.getAsJsonPrimitive().isBoolean()
                ? (Object) element.getAsBoolean()
                : element.getAsJsonPrimitive().isNumber()
                        ? new JsonNumber(element.getAsString())
                        : element.getAsString();
    }

    private static boolean agrees(String text) {
        Optional<JsonElement> expected = gson(text);
        try {
            Object value = JsonReader.read(text);
            assertThat(expected).as(text).isPresent();
            assertThat(value).as(text).isEqualTo(tree(expected.get()));
            if (value instanceof Map<?, ?> map) {
                assertThat(map.keySet().toString())
                        .isEqualTo(expected.get().getAsJsonObject().keySet().toString());
            }
            assertThat(JsonText.compact(value)).isEqualTo(expected.get().toString());
        } catch (JsonException refusal) {
            assertThat(expected).as("%s: %s", text, refusal.getMessage()).isEmpty();
        }
        return expected.isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "\"\"",
                "0",
                "-0",
                "-0.0",
                "1.50",
                "1e5",
                "1E+5",
                "1e-5",
                "12345678901234567890",
                "1e999999999",
                "true",
                " \n\r\t[ 1 , 2 ]\n",
                "\ufeff{}",
                "{\"a\":1,\"b\":2,\"a\":3}",
                "{\"\":null}",
                "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\\u00aF\"",
                "\"'\u007f\u0085\u2028\"",
                "\"\\ud83d\\ude00\"",
                "\"\ud83d" + "\\ude00\"",
                "[[],{},[{}]]"
            })
    void readsJson(String text) {
        assertThat(agrees(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "-",
                "-a",
                "1.",
                ".5",
                "+1",
                "1e",
                "1e+",
                "0x1",
                "\uff11",
                "NaN",
                "Infinity",
                "True",
                "NULL",
                "nul",
                "true1",
                "[1,]",
                "[,]",
                "[1 2]",
                "[1;2]",
                "{,}",
                "{\"a\":1,}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\"=1}",
                "{a:1}",
                "{'a':1}",
                "{1:2}",
                "{\"a\":1 \"b\":2}",
                "[1]//x",
                "[/*x*/1]",
                "#\n1",
                "\"a\nb\"",
                "\"\t\"",
                "\"\0\"",
                "\"\\'\"",
                "\"\\\n\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u\uff11\uff11\uff11\uff11\"",
                "\"\\ud800\"",
                "\"\ud800\"",
                "\"\\ude00\\ud83d\"",
                "{\"\\ud800\":1}",
                "\"a",
                "\"\\",
                "\"\\u12",
                "1 2",
                "{}{}",
                "[]]",
                "\f1",
                "[1\f]",
                "\u00a01",
                "1\ufeff",
                "\ufeff\ufeff1",
                "[",
                "{",
                "[1",
                "{\"a\"",
                ")]}'\n[]"
            })
    void refusesWhatIsNoJson(String text) {
        assertThat(agrees(text)).isFalse();
    }

    @Test
    void refusesNothingAtAll() {
        assertThatThrownBy(() -> JsonReader.read(" \n "))
                .isInstanceOf(JsonException.class)
                .hasMessage("line 2, column 2: expected a value, found the end");
    }

    @Test
    void boundsAreThoseOfGson() {
        assertThat(agrees("[".repeat(255) + "]".repeat(255))).isTrue();
        assertThat(agrees("[".repeat(256) + "]".repeat(256))).isFalse();
        assertThat(agrees("{\"a\":".repeat(255) + "1" + "}".repeat(255))).isTrue();
        assertThat(agrees("{\"a\":".repeat(256) + "1" + "}".repeat(256))).isFalse();
        assertThat(agrees("[" + "[],".repeat(1000) + "[]]")).isTrue();
        assertThat(agrees("[".repeat(1_000_000))).isFalse();
        assertThat(agrees("{\"a\":[".repeat(1_000_000))).isFalse();
        for (int before : new int[] {0, 1, 500, 1023, 1024, 3000}) {
            for (String start : List.of("9", "-", "0.", "1e")) {
                int rest = 1023 - start.length();
                assertThat(agrees(" ".repeat(before) + start + "7".repeat(rest)))
                        .isTrue();
                assertThat(agrees(" ".repeat(before) + start + "7".repeat(rest + 1)))
                        .isFalse();
            }
        }
    }

    /** Documents with faults in them, since what is right all through shows little. */
    @Test
    void agreesWithGsonOnRandomDocuments() {
        Random random = new Random(1);
        int accepted = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            StringBuilder text = new StringBuilder();
            write(text, random, 0);
            for (int faults = random.nextInt(3); faults > 0; faults--) {
                int at = random.nextInt(text.length() + 1);
                text.replace(
                        at, Math.min(text.length(), at + random.nextInt(2)), PIECES[random.nextInt(PIECES.length)]);
            }
            accepted += !text.toString().isBlank() && agrees(text.toString()) ? 1 : 0;
        }

        assertThat(accepted).isBetween(DOCUMENTS / 3, DOCUMENTS - DOCUMENTS / 3);
    }

    private static void write(StringBuilder text, Random random, int depth) {
        switch (random.nextInt(depth < 4 ? 8 : 6)) {
            case 0 -> text.append(random.nextInt(1000) - 500);
            case 1 -> text.append(random.nextGaussian() * Math.pow(10, random.nextInt(30)));
            case 2 -> text.append(random.nextBoolean());
            case 3 -> text.append("null");
            case 4, 5 -> string(text, random);
            case 6 -> {
                text.append("[");
                for (int i = random.nextInt(4); i > 0; i--) {
                    write(text, random, depth + 1);
                    text.append(i > 1 ? ", " : " ");
                }
                text.append("]");
            }
            default -> {
                text.append("{");
                for (int i = random.nextInt(4); i > 0; i--) {
                    string(text, random);
                    text.append(": ");
                    write(text, random, depth + 1);
                    text.append(i > 1 ? ",\n" : "");
                }
                text.append("}");
            }
        }
    }

    private static void string(StringBuilder text, Random random) {
        text.append('"');
        String[] parts = {
            "a", "b", "\u00e9", "\\u0041", "\\n", "\\\\", "\\\"", "\\r\\f\\b\\t", "\ud83d\ude00", "\\u0007"
        };
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        text.append('"');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hello | column 1: expected a value, found 'h'",
                "{\"a\": 1 | column 8: expected ',' or '}', found the end",
                "{'a': 1} | column 2: expected a name in double quotes or '}', found '''",
                "{\"a\": 1, b} | column 10: expected a name in double quotes, found 'b'",
                "{\"a\" 1} | column 6: expected ':', found '1'",
                "[1 2] | column 4: expected ',' or ']', found '2'",
                "[01] | column 3: expected ',' or ']', found '1'",
                "[1.] | column 4: expected a digit, found ']'",
                "[] [] | column 4: expected nothing after the value, found '['",
                "[\"a] | column 5: expected '\"', found the end",
                "[\"\\x\"] | column 4: expected one of \"\\/bfnrtu after a backslash, found 'x'",
                "[\"\\u00g0\"] | column 7: expected four hexadecimal digits after \\u, found 'g'",
                "[\"\\ud800\"] | column 2: expected a string without halves of surrogate pairs, found '\"'"
            })
    void saysWhatIsWrongAndWhere(String text, String message) {
        assertThatThrownBy(() -> JsonReader.read(text))
                .isInstanceOf(JsonException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> JsonReader.read("\n\n" + text, 2)).hasMessage("line 3, " + message);
    }

    @Test
    void numbersHaveAnySize() {
        assertThat(new JsonNumber("-0").value()).isEqualTo(0L);
        assertThat(new JsonNumber("123456789012345678").value()).isEqualTo(123456789012345678L);
        assertThat(new JsonNumber("9".repeat(1000)).value()).isEqualTo(new BigInteger("9".repeat(1000)));
        assertThat(new JsonNumber("1e2").value()).isEqualTo(100.0);
        assertThat(new JsonNumber("-0.0").value()).isEqualTo(-0.0);
        assertThat(new JsonNumber("1.50").decimal()).isEqualTo("1.50");
        assertThat(new JsonNumber("1e9999").decimal().scale()).isEqualTo(-9999);
        assertThatThrownBy(() -> new JsonNumber("1e400").value()).isInstanceOf(ArithmeticException.class);
        for (String large : List.of("1e10000", "1e-10000", "1e999999999", "1e-99999999999")) {
            assertThatThrownBy(() -> new JsonNumber(large).decimal()).isInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void readsTheNumbersThatOnlyPythonWrites() throws Exception {
        assertThat(JsonReader.readPython("[NaN, Infinity, -Infinity, -1]"))
                .isEqualTo(
                        List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, new JsonNumber("-1")));
        assertThatThrownBy(() -> JsonReader.readPython("-Inf")).hasMessage("column 2: expected a digit, found 'I'");
        assertThatThrownBy(() -> JsonReader.read("[NaN]")).hasMessage("column 2: expected a value, found 'N'");
        assertThatThrownBy(() -> JsonReader.read("-Infinity")).hasMessage("column 2: expected a digit, found 'I'");
    }

    @Test
    void handsOverTheMembersOfAnObject() throws Exception {
        List<String> members = new ArrayList<>();

        JsonReader.readMembers(" {\"a\": {\"b\": [true]}, \"a\": null} ", (name, value) -> members.add(name + value));

        assertThat(members).containsExactly("a{b=[true]}", "anull");
        assertThatThrownBy(() -> JsonReader.readMembers("[]", (_, _) -> {}))
                .isInstanceOf(JsonException.class)
                .hasMessage("column 1: expected '{', found '['");
        assertThatThrownBy(() -> JsonReader.readMembers("{\"a\": {\"b\": 1, \"b\": 2}}", (_, _) -> {}))
                .hasMessage("column 16: 'b' is there twice, expected once");
    }

    /** A few bytes of text for each, and many more of memory. */
    @Test
    void textsOfStrangersHaveNoEndOfValues() throws Exception {
        String many = "[" + "0,".repeat(16382) + "0]";
        JsonReader.readMembers("{\"a\":" + many + ",\"b\":" + many + "}", (_, _) -> {});
        assertThatThrownBy(() -> JsonReader.readMembers("{\"a\":" + many.replace("]", ",0]") + "}", (_, _) -> {}))
                .hasMessage("column 32773: expected fewer values, found '0'");
        String tooMany = "[" + "{},".repeat(1 << 20) + "0]";
        assertThatThrownBy(() -> JsonReader.readPython(tooMany))
                .hasMessageEndingWith("expected fewer values, found '{'");
    }
}
