package io.github.expogguf.search;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.text.json.JsonException;
import io.github.expogguf.text.json.JsonNumber;
import io.github.expogguf.text.json.JsonReader;
import io.github.expogguf.text.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lines of a {@link SearchLog}: inputs, and evaluations, whose numbers come back to the bit. */
final class SearchLogLines {

    private static final String VERSION_KEY = "expo-gguf search log";
    private static final int VERSION = 1;

    private SearchLogLines() {}

    static String header(Map<String, String> inputs) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put(VERSION_KEY, VERSION);
        header.put("inputs", inputs);
        return JsonText.compact(header);
    }

    /** @throws IllegalArgumentException if it is not the first line of a log */
    static Map<String, String> inputs(String header) {
        Map<?, ?> object = object(parse(header));
        if (!(object.get(VERSION_KEY) instanceof JsonNumber(String version))
                || !version.equals(Integer.toString(VERSION))) {
            throw new IllegalArgumentException("no '" + VERSION_KEY + "' of version " + VERSION);
        }
        Map<String, String> inputs = new LinkedHashMap<>();
        object(object.get("inputs")).forEach((name, value) -> inputs.put((String) name, string(value)));
        return inputs;
    }

    static String evaluation(Evaluation evaluation) {
        Map<String, Object> guards = new LinkedHashMap<>();
        evaluation
                .guards()
                .forEach((name, value) ->
                        guards.put(name, Double.isFinite(value) ? (Object) value : Double.toString(value)));
        List<Object> answers = new ArrayList<>();
        for (Answer answer : evaluation.answers()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("text", answer.text());
            object.put("tokens", answer.tokens());
            object.put("cutOff", answer.isCutOff());
            answers.add(object);
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("alpha", evaluation.alpha());
        line.put("scores", evaluation.scores());
        line.put("guards", guards);
        line.put("answers", answers);
        return JsonText.compact(line);
    }

    /** @throws IllegalArgumentException if it is no evaluation, or of other prompts */
    static Evaluation evaluation(String text, List<Prompt> prompts) {
        Map<?, ?> line = object(parse(text));
        List<Double> scores = new ArrayList<>();
        array(line, "scores").forEach(score -> scores.add(Double.parseDouble(number(score))));
        Map<String, Double> guards = new LinkedHashMap<>();
        object(line.get("guards"))
                .forEach((name, value) -> guards.put((String) name, Double.parseDouble(numberOrWord(value))));
        List<?> texts = array(line, "answers");
        if (!texts.isEmpty() && texts.size() != prompts.size()) {
            throw new IllegalArgumentException(texts.size() + " answers to " + prompts.size() + " prompts");
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Map<?, ?> answer = object(texts.get(i));
            if (!(answer.get("cutOff") instanceof Boolean isCutOff)) {
                throw new IllegalArgumentException("no truth value 'cutOff'");
            }
            answers.add(new Answer(
                    prompts.get(i),
                    string(answer.get("text")),
                    Integer.parseInt(number(answer.get("tokens"))),
                    isCutOff));
        }
        return new Evaluation(Float.parseFloat(number(line.get("alpha"))), scores, guards, answers);
    }

    private static @Nullable Object parse(String line) {
        try {
            return JsonReader.read(line);
        } catch (JsonException malformed) {
            throw new IllegalArgumentException(malformed.getMessage(), malformed);
        }
    }

    private static Map<?, ?> object(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> object)) {
            throw expected("an object", value);
        }
        return object;
    }

    private static List<?> array(Map<?, ?> object, String name) {
        if (!(object.get(name) instanceof List<?> array)) {
            throw expected("an array '" + name + "'", object.get(name));
        }
        return array;
    }

    private static String string(@Nullable Object value) {
        if (!(value instanceof String text)) {
            throw expected("a string", value);
        }
        return text;
    }

    private static String number(@Nullable Object value) {
        if (!(value instanceof JsonNumber(String text))) {
            throw expected("a number", value);
        }
        return text;
    }

    /** Infinities and NaN, which JSON does not know, are strings. */
    private static String numberOrWord(@Nullable Object value) {
        return value instanceof String word ? word : number(value);
    }

    private static IllegalArgumentException expected(String what, @Nullable Object value) {
        return new IllegalArgumentException("expected " + what + ", found " + JsonText.compact(value));
    }
}
