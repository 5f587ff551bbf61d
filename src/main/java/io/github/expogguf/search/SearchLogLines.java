package io.github.expogguf.search;

import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.log.LogJson;
import io.github.expogguf.search.log.LogKind;
import io.github.expogguf.text.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lines of a {@link SearchLog}: inputs, and evaluations, whose numbers come back to the bit. */
final class SearchLogLines {

    static final LogKind KIND = new LogKind("expo-gguf search log", 1, "search");

    private SearchLogLines() {}

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
        if (!evaluation.profile().equals(AlphaProfile.UNIFORM)) {
            line.put("profile", evaluation.profile().name());
            line.put(
                    "rules",
                    evaluation.profile().rules().stream()
                            .map(TensorAlphaRule::text)
                            .toList());
        }
        line.put("scores", evaluation.scores());
        line.put("guards", guards);
        line.put("answers", answers);
        return JsonText.compact(line);
    }

    /** @throws IllegalArgumentException if it is no evaluation, or of other prompts */
    static Evaluation evaluation(String text, List<Prompt> prompts) {
        Map<?, ?> line = LogJson.line(text);
        List<Double> scores = new ArrayList<>();
        LogJson.array(line, "scores").forEach(score -> scores.add(Double.parseDouble(LogJson.number(score))));
        Map<String, Double> guards = new LinkedHashMap<>();
        LogJson.object(line.get("guards"))
                .forEach((name, value) -> guards.put((String) name, Double.parseDouble(numberOrWord(value))));
        List<?> texts = LogJson.array(line, "answers");
        if (!texts.isEmpty() && texts.size() != prompts.size()) {
            throw new IllegalArgumentException(texts.size() + " answers to " + prompts.size() + " prompts");
        }
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Map<?, ?> answer = LogJson.object(texts.get(i));
            answers.add(new Answer(
                    prompts.get(i),
                    LogJson.string(answer.get("text")),
                    Integer.parseInt(LogJson.number(answer.get("tokens"))),
                    LogJson.truth(answer, "cutOff")));
        }
        return new Evaluation(
                Float.parseFloat(LogJson.number(line.get("alpha"))), scores, guards, answers, profile(line));
    }

    private static AlphaProfile profile(Map<?, ?> line) {
        if (!line.containsKey("profile")) {
            return AlphaProfile.UNIFORM;
        }
        List<TensorAlphaRule> rules = LogJson.array(line, "rules").stream()
                .map(rule -> TensorAlphaRule.parse(LogJson.string(rule)))
                .toList();
        return new AlphaProfile(LogJson.string(line.get("profile")), rules);
    }

    /** Infinities and NaN, which JSON does not know, are strings. */
    private static String numberOrWord(@Nullable Object value) {
        return value instanceof String word ? word : LogJson.number(value);
    }
}
