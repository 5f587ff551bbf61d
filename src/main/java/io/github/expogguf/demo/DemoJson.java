package io.github.expogguf.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a result for programs. */
public final class DemoJson {

    private DemoJson() {}

    /** Maps, lists, strings and numbers for JSON. */
    public static Map<String, Object> asMap(DemoResult result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("sft", DemoFamily.SFT);
        map.put("aligned", DemoFamily.ALIGNED);
        map.put("prompts", result.prompts().size());
        map.put("elapsedSeconds", result.elapsedNanos() / 1e9);
        List<Object> rows = new ArrayList<>();
        result.models().forEach(model -> rows.add(asMap(model, result.prompts())));
        map.put("models", rows);
        map.put("findings", new DemoFindings(result).sentences());
        return map;
    }

    private static Map<String, Object> asMap(DemoModel model, List<DemoPrompt> prompts) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", model.fileType().name());
        map.put("alpha", model.alpha().isPresent() ? model.alpha().getAsDouble() : null);
        map.put("meanReward", model.meanReward());
        map.put("standardError", model.standardError());
        map.put("attributes", model.meanAttributes());
        List<Object> answers = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("prompt", prompts.get(i).question());
            answer.put("response", model.answers().get(i).text());
            answer.put("reward", model.answers().get(i).reward());
            answers.add(answer);
        }
        map.put("answers", answers);
        return map;
    }
}
