package io.github.expogguf.demo;

import io.github.expogguf.gguf.FileType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the demonstration measured.
 *
 * @param prompts      the questions
 * @param models       for each file type the SFT model and then the extrapolated ones, alpha ascending
 * @param elapsedNanos wall time
 */
public record DemoResult(List<DemoPrompt> prompts, List<DemoModel> models, long elapsedNanos) {

    /** Copies the lists. */
    public DemoResult {
        prompts = List.copyOf(prompts);
        models = List.copyOf(models);
    }

    /** The file types, in the order of the models. */
    public List<FileType> fileTypes() {
        return models.stream().map(DemoModel::fileType).distinct().toList();
    }

    /** The models of a file type: SFT, then alpha ascending. */
    public List<DemoModel> models(FileType fileType) {
        return models.stream().filter(model -> model.fileType() == fileType).toList();
    }

    /** What the numbers say: where extrapolation works and where it stops, one sentence each. */
    public List<String> findings() {
        return new DemoFindings(this).sentences();
    }

    /** Maps, lists, strings and numbers for JSON. */
    public Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("sft", DemoFamily.SFT);
        map.put("aligned", DemoFamily.ALIGNED);
        map.put("prompts", prompts.size());
        map.put("elapsedSeconds", elapsedNanos / 1e9);
        List<Object> rows = new ArrayList<>();
        models.forEach(model -> rows.add(asMap(model)));
        map.put("models", rows);
        map.put("findings", findings());
        return map;
    }

    private Map<String, Object> asMap(DemoModel model) {
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
