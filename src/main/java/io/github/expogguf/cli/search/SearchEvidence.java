package io.github.expogguf.cli.search;

import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Trial;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Why the best alpha is the best, as metadata of the written model. */
final class SearchEvidence {

    private final Map<String, MetadataValue> values = new LinkedHashMap<>();

    private SearchEvidence() {}

    static Map<String, MetadataValue> of(SearchReport report, Trial best) {
        SearchEvidence evidence = new SearchEvidence();
        evidence.put("kind", MetadataValue.ofString(report.score()));
        evidence.put("choice", MetadataValue.ofString(report.choice()));
        evidence.put("prompts", MetadataValue.ofUint32(report.prompts()));
        evidence.put("answers_per_prompt", MetadataValue.ofUint32(report.answersPerPrompt()));
        evidence.put("holdout", MetadataValue.ofBoolean(report.options().holdout()));
        evidence.put("score", "error", best.reportedScore());
        evidence.put("difference", "difference_error", best.reportedDifference());
        best.evaluation().guards().forEach((name, value) -> evidence.put("guard." + name, number(value)));
        report.inputs().forEach((name, value) -> {
            if (name.startsWith("chat-template")) {
                evidence.put(name.replace('-', '_'), MetadataValue.ofString(value));
            } else if (!value.contains("(" + InputDigest.FINGERPRINT)) { // for which digests are elsewhere
                evidence.put("input." + name.replace('-', '_'), MetadataValue.ofString(value));
            }
        });
        report.words().ifPresent(words -> {
            evidence.put("arguments", MetadataValue.ofStrings(words.arguments()));
            evidence.put("files", MetadataValue.ofStrings(words.files()));
        });
        evidence.put("end", MetadataValue.ofString(report.end()));
        evidence.put("alphas", numbers(report.trials(), Trial::alpha));
        evidence.put(
                "scores",
                numbers(report.trials(), trial -> trial.reportedScore().mean()));
        evidence.put(
                "errors",
                numbers(report.trials(), trial -> trial.reportedScore().error()));
        List<GuardBound> bounds = report.options().bounds();
        if (!bounds.isEmpty()) {
            evidence.put(
                    "bounds",
                    MetadataValue.ofStrings(
                            bounds.stream().map(Object::toString).toList()));
        }
        return evidence.values;
    }

    private void put(String mean, String error, Estimate estimate) {
        put(mean, number(estimate.mean()));
        put(error, number(estimate.error()));
    }

    private void put(String name, MetadataValue value) {
        values.put(RecipeKeys.EVIDENCE + name, value);
    }

    private static MetadataValue number(double value) {
        return MetadataValue.ofFloat32((float) value);
    }

    private static MetadataValue numbers(List<Trial> trials, ToDoubleFunction<Trial> value) {
        float[] numbers = new float[trials.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) value.applyAsDouble(trials.get(i));
        }
        return MetadataValue.ofFloat32s(numbers);
    }
}
