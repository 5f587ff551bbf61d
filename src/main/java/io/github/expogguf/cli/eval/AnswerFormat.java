package io.github.expogguf.cli.eval;

import io.github.expogguf.score.Answer;
import io.github.expogguf.text.json.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Files of answers for judges outside. */
enum AnswerFormat {

    /** A line an answer: the fields of the prompt's line, then response, tokens and finish_reason. */
    JSONL {
        @Override
        String write(List<Answer> answers, String generator, String dataset) {
            return answers.stream()
                    .map(answer -> JsonText.of(line(answer)) + "\n")
                    .collect(Collectors.joining());
        }
    },

    /**
     * What {@code alpaca_eval --model_outputs} reads: an array of objects with instruction, output, generator, dataset
     * and datasplit; the last two are the prompt's where it has them.
     */
    ALPACA_EVAL {
        @Override
        String write(List<Answer> answers, String generator, String dataset) {
            return answers.stream()
                    .map(answer -> JsonText.of(element(answer, generator, dataset)))
                    .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
        }
    };

    /** The whole file; {@code dataset} is for prompts that do not say theirs. */
    abstract String write(List<Answer> answers, String generator, String dataset);

    private static Map<String, @Nullable Object> line(Answer answer) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>(answer.prompt().fields());
        line.put("response", answer.text());
        line.put("tokens", answer.tokens());
        line.put("finish_reason", answer.isCutOff() ? "length" : "stop");
        return line;
    }

    private static Map<String, @Nullable Object> element(Answer answer, String generator, String dataset) {
        Map<String, @Nullable Object> fields = answer.prompt().fields();
        Map<String, @Nullable Object> element = new LinkedHashMap<>();
        element.put("dataset", fields.getOrDefault("dataset", dataset));
        element.put("instruction", answer.prompt().text());
        element.put("output", answer.text());
        element.put("generator", generator);
        element.put("datasplit", fields.getOrDefault("datasplit", "eval"));
        return element;
    }
}
