package io.github.expogguf.corpus;

import static io.github.expogguf.gguf.GgufBytes.ascii;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Prompts, preferences, calibration texts and lists of types. */
public enum BadText implements BadInput {
    PROMPTS_EMPTY(Kind.PROMPTS, "", "there are no prompts in it"),
    PROMPTS_OF_BLANK_LINES(Kind.PROMPTS, "\n \n\t\n", "there are no prompts in it"),
    PROMPTS_OF_AN_EMPTY_ARRAY(Kind.PROMPTS, "[]", "there are no prompts in it"),
    PROMPTS_OF_PLAIN_TEXT(Kind.PROMPTS, "Who are you?\n", ":1: not a JSON object: Who are you?"),
    PROMPTS_OF_NUMBERS(Kind.PROMPTS, "17\n", ":1: not a JSON object: 17"),
    PROMPTS_OF_NULL(Kind.PROMPTS, "null\n", ":1: not a JSON object: null"),
    PROMPTS_WITH_SINGLE_QUOTES(Kind.PROMPTS, "{'prompt': 'a'}", ":1: not a JSON object: {'prompt'"),
    PROMPTS_CUT_OFF(Kind.PROMPTS, "{\"prompt\": \"a\"}\n{\"prompt\": \"b", ":2: not a JSON object: {\"prompt\": \"b"),
    PROMPTS_IN_AN_ARRAY_CUT_OFF(Kind.PROMPTS, "[{\"prompt\": \"a\"},", ":1: not a JSON object: [{"),
    PROMPTS_TWO_ON_A_LINE(Kind.PROMPTS, "{\"prompt\": \"a\"} {\"prompt\": \"b\"}", ":1: not a JSON object: {"),
    PROMPT_WITHOUT_ITS_FIELD(
            Kind.PROMPTS, "{\"text\": \"a\"}", ":1: there is no field 'prompt'; the fields are [text]"),
    PROMPT_OF_A_FIELD_THAT_CLEARS_THE_SCREEN(
            Kind.PROMPTS, "{\"\\u001b[2J\\u202e\": 1}", "the fields are [\\x1b[2J\\u{202e}]"),
    PROMPT_THAT_IS_A_NUMBER(Kind.PROMPTS, "{\"prompt\": 7}", ":1: the prompt is not a string"),
    PROMPT_THAT_IS_NULL(Kind.PROMPTS, "{\"prompt\": null}", ":1: the prompt is not a string"),
    PROMPT_OF_BLANKS(Kind.PROMPTS, "{\"prompt\": \" \\n\"}", ":1: the prompt is empty"),
    PROMPT_THAT_IS_ANSWERED(
            Kind.PROMPTS,
            "{\"prompt\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}]}",
            ":1: the prompt ends with a turn of 'assistant', expected one of 'user'"),
    PROMPT_WITHOUT_TURNS(Kind.PROMPTS, "{\"messages\": []}", ":1: the prompt has no turns"),
    PROMPT_OF_AN_IMAGE(
            Kind.PROMPTS,
            "{\"prompt\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]}",
            ":1: the prompt's part 1 has no text, and nothing but text is sent"),
    PROMPT_OF_A_TURN_WITHOUT_ROLE(Kind.PROMPTS, "{\"prompt\": [{}]}", ":1: the prompt's role is not a string"),
    ANSWER_OF_A_ROLE_THAT_CLEARS_THE_SCREEN(
            Kind.PREFERENCES,
            "{\"prompt\": \"a\", \"rejected\": \"b\", \"chosen\": [{\"role\": \"\\u001b[2J\", \"content\": \"c\"}]}",
            "ends with a turn of '\\x1b[2J'"),
    ANSWERS_TO_DIFFERENT_CONVERSATIONS(
            Kind.PREFERENCES,
            "{\"chosen\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}],"
                    + " \"rejected\": [{\"role\": \"user\", \"content\": \"c\"}, {\"role\": \"assistant\","
                    + " \"content\": \"d\"}]}",
            ":1: 'chosen' and 'rejected' are different conversations"),
    PROMPT_WITH_NAN(Kind.PROMPTS, "{\"prompt\": \"a\", \"x\": NaN}", ":1: not a JSON object: "),
    PROMPT_WITH_AN_ENORMOUS_EXPONENT(Kind.PROMPTS, "{\"prompt\": \"a\", \"x\": 1e999999999}", ":1: "),
    PROMPT_WITH_A_NUMBER_OF_100000_DIGITS(
            Kind.PROMPTS, "{\"prompt\": \"a\", \"x\": " + "1".repeat(100_000) + "}", ":1: "),
    PROMPT_OF_10000_NESTED_ARRAYS(
            Kind.PROMPTS, "{\"prompt\": \"a\", \"x\": " + "[".repeat(10_000) + "]".repeat(10_000) + "}", ":1: "),
    PROMPT_OF_10000_NESTED_OBJECTS(
            Kind.PROMPTS, "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000), ":1: not a JSON object: {\"a\":"),
    PROMPTS_OF_1000000_BRACKETS(Kind.PROMPTS, "[".repeat(1_000_000), ":1: not a JSON object: [[["),
    PROMPTS_THAT_ARE_NOT_UTF_8(Kind.PROMPTS, ascii("{\"prompt\": \"\u00e9\"}"), ":1: not UTF-8 text"),
    PROMPTS_OF_UTF_16(Kind.PROMPTS, "{\"prompt\": \"a\"}".getBytes(StandardCharsets.UTF_16), ":1: not UTF-8 text"),
    PROMPTS_OF_ESCAPE_SEQUENCES(Kind.PROMPTS, "\33[2J\33]0;pwned\7\u202e", ":1: not a JSON object: \\x1b[2J\\x1b]0;"),
    PREFERENCES_EMPTY(Kind.PREFERENCES, "", "there are no preferences in it"),
    PREFERENCE_WITHOUT_REJECTED(
            Kind.PREFERENCES,
            "{\"prompt\": \"a\", \"chosen\": \"b\"}",
            ":1: there is no field 'rejected'; the fields are [prompt, chosen]"),
    PREFERENCE_WITHOUT_CHOSEN(
            Kind.PREFERENCES, "{\"prompt\": \"a\", \"rejected\": \"b\"}", ":1: there is no field 'chosen'"),
    PREFERENCE_WITH_AN_EMPTY_ANSWER(
            Kind.PREFERENCES,
            "{\"prompt\": \"a\", \"chosen\": \"\", \"rejected\": \"b\"}",
            ":1: the chosen answer is empty"),
    PREFERENCE_THAT_IS_A_NUMBER(
            Kind.PREFERENCES,
            "{\"prompt\": \"a\", \"chosen\": 1, \"rejected\": \"b\"}",
            ":1: the chosen answer is not a string"),
    PREFERENCES_CUT_OFF(Kind.PREFERENCES, "{\"prompt\": \"a\", \"chosen\": \"b", ":1: not a JSON object: "),
    TEXT_THAT_IS_NOT_UTF_8(Kind.TEXT, ascii("caf\u00e9 au lait"), "not UTF-8 text"),
    TEXT_OF_UTF_16(Kind.TEXT, "hello".getBytes(StandardCharsets.UTF_16), "not UTF-8 text"),
    TYPES_WITHOUT_EQUALS(Kind.TYPE_LIST, "token_embd", "token_embd") {
        @Override
        public int exitCode() {
            return 2;
        }
    },
    TYPES_WITH_A_BROKEN_REGEX(Kind.TYPE_LIST, "(=Q8_0", "(") {
        @Override
        public int exitCode() {
            return 2;
        }
    },
    TYPES_OF_NO_TYPE(Kind.TYPE_LIST, "a=Q9_9", "'q9_9' is not a tensor type") {
        @Override
        public int exitCode() {
            return 2;
        }
    },
    TYPES_THAT_ARE_NOT_UTF_8(Kind.TYPE_LIST, ascii("\u00e9=Q8_0"), "not UTF-8 text");

    private final Kind kind;
    private final byte[] bytes;
    private final String words;

    BadText(Kind kind, String text, String words) {
        this(kind, text.getBytes(StandardCharsets.UTF_8), words);
    }

    BadText(Kind kind, byte[] bytes, String words) {
        this.kind = kind;
        this.bytes = bytes;
        this.words = words;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public Path write(Path directory) throws IOException {
        return Files.write(directory.resolve("text.jsonl"), bytes);
    }

    @Override
    public String words() {
        return words;
    }
}
