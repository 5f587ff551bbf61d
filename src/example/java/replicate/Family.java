package replicate;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The trained family in a directory: its models, questions and preferences, and the rewards that PyTorch found.
 *
 * @param directory   holds {@code guide-*-f16.gguf}
 * @param questions   held-out questions
 * @param preferences held-out pairs of answers
 * @param curves      by pair and alpha
 */
record Family(
        Path directory, List<Prompt> questions, List<Preference> preferences, Map<String, Map<Float, Rewards>> curves) {

    /** Pairs by the share of the preferences that the aligned model was trained on, in percent. */
    static final List<String> PAIRS = List.of("dpo-10", "dpo-20", "dpo-100");

    /** Mean rewards of greedy and of sampled answers. */
    record Rewards(double greedy, double sampled) {}

    static Family read(Path directory) throws IOException {
        List<Prompt> questions = new ArrayList<>();
        for (JsonObject line : lines(directory.resolve("prompts.jsonl"))) {
            questions.add(Prompt.of(text(line, "prompt")));
        }
        List<Preference> preferences = new ArrayList<>();
        for (JsonObject line : lines(directory.resolve("preferences.jsonl"))) {
            preferences.add(new Preference(text(line, "prompt"), text(line, "chosen"), text(line, "rejected")));
        }
        return new Family(directory, questions, preferences, curves(directory.resolve("pytorch-curves.csv")));
    }

    Path sft() {
        return directory.resolve("guide-sft-f16.gguf");
    }

    Path aligned(String pair) {
        return directory.resolve("guide-" + pair + "-f16.gguf");
    }

    /** The alphas of the curves. */
    List<Float> alphas() {
        return List.copyOf(curves.get(PAIRS.getFirst()).keySet());
    }

    private static Map<String, Map<Float, Rewards>> curves(Path file) throws IOException {
        Map<String, Map<Float, Rewards>> curves = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
            String[] fields = line.split(",");
            Rewards rewards = new Rewards(Double.parseDouble(fields[2]), Double.parseDouble(fields[3]));
            curves.computeIfAbsent(fields[0], _ -> new LinkedHashMap<>()).put(Float.parseFloat(fields[1]), rewards);
        }
        return curves;
    }

    private static List<JsonObject> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(JsonParser::parseString)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static String text(JsonObject line, String field) {
        return line.get(field).getAsString();
    }
}
