package io.github.expogguf.cli.search;

import io.github.expogguf.cli.option.value.EvidenceValues;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.Trial;
import java.util.List;
import java.util.Map;

/** Why the best alpha is the best, as metadata of the written model. */
final class SearchEvidence {

    private SearchEvidence() {}

    static Map<String, MetadataValue> of(SearchReport report, Trial best) {
        EvidenceValues evidence = new EvidenceValues();
        evidence.put("kind", report.score());
        evidence.put("choice", report.choice());
        evidence.count("prompts", report.prompts());
        evidence.count("answers_per_prompt", report.answersPerPrompt());
        evidence.put("holdout", MetadataValue.ofBoolean(report.options().holdout()));
        put(evidence, "score", "error", best.reportedScore());
        put(evidence, "difference", "difference_error", best.reportedDifference());
        best.evaluation().guards().forEach((name, value) -> evidence.put("guard." + name, value));
        report.inputs().forEach((name, value) -> {
            boolean isFile = value.contains("(" + InputDigest.FINGERPRINT); // for which digests are elsewhere
            if (!evidence.putTemplate(name, value) && !isFile) {
                evidence.put("input." + EvidenceValues.key(name), value);
            }
        });
        report.words().ifPresent(words -> {
            evidence.put("arguments", MetadataValue.ofStrings(words.arguments()));
            evidence.put("files", MetadataValue.ofStrings(words.files()));
        });
        evidence.put("end", report.end());
        report.profiles().ifPresent(tried -> {
            evidence.put(
                    "profiles",
                    MetadataValue.ofStrings(report.all().stream()
                            .map(trial -> trial.evaluation().profile().name())
                            .toList()));
            evidence.count("looks", tried.looks());
            evidence.put("errors_needed", tried.errorsNeeded());
        });
        evidence.put("alphas", report.all(), Trial::alpha);
        evidence.put("scores", report.all(), trial -> trial.reportedScore().mean());
        evidence.put("errors", report.all(), trial -> trial.reportedScore().error());
        List<GuardBound> bounds = report.options().bounds();
        if (!bounds.isEmpty()) {
            evidence.put(
                    "bounds",
                    MetadataValue.ofStrings(
                            bounds.stream().map(Object::toString).toList()));
        }
        return evidence.asMap();
    }

    private static void put(EvidenceValues evidence, String mean, String error, Estimate estimate) {
        evidence.put(mean, estimate.mean());
        evidence.put(error, estimate.error());
    }
}
