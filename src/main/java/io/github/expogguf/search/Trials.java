package io.github.expogguf.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The evaluations of a search so far, and the questions that are asked about them. The first is that of alpha 0. */
final class Trials {

    /** Even prompts decide, odd ones are reported on. */
    private static final int PARTS = 2;

    private final List<GuardBound> bounds;
    private final boolean holdout;
    private final TreeMap<Float, Trial> byAlpha = new TreeMap<>();

    Trials(SearchOptions options) {
        this.bounds = options.bounds();
        this.holdout = options.holdout();
    }

    Trial add(Evaluation evaluation) {
        if (holdout && evaluation.scores().size() < PARTS) {
            throw new IllegalArgumentException("a holdout needs at least 2 prompts");
        }
        List<Double> baseline = byAlpha.isEmpty()
                ? evaluation.scores()
                : at(0).orElseThrow().evaluation().scores();
        Trial trial = new Trial(
                evaluation,
                Estimate.of(deciding(evaluation.scores())),
                Estimate.ofDifferences(deciding(evaluation.scores()), deciding(baseline)),
                Estimate.of(reported(evaluation.scores())),
                Estimate.ofDifferences(reported(evaluation.scores()), reported(baseline)),
                bounds.stream().filter(bound -> !bound.isMet(evaluation)).toList());
        byAlpha.put(trial.alpha(), trial);
        return trial;
    }

    int size() {
        return byAlpha.size();
    }

    /** By alpha, the smallest first. */
    List<Trial> all() {
        return List.copyOf(byAlpha.values());
    }

    Optional<Trial> at(float alpha) {
        return Optional.ofNullable(byAlpha.get(alpha));
    }

    Optional<Trial> below(Trial trial) {
        return Optional.ofNullable(byAlpha.lowerEntry(trial.alpha())).map(Map.Entry::getValue);
    }

    Optional<Trial> above(Trial trial) {
        return Optional.ofNullable(byAlpha.higherEntry(trial.alpha())).map(Map.Entry::getValue);
    }

    /** The allowed one with the highest score; of equals the one closest to 0. */
    Optional<Trial> maximum() {
        return all().stream()
                .filter(Trial::isAllowed)
                .sorted(Comparator.comparingDouble(trial -> Math.abs(trial.alpha())))
                .reduce((best, next) -> next.score().mean() > best.score().mean() ? next : best);
    }

    /** By how much one is better than another, by prompt, on the prompts that decide. */
    Estimate advantage(Trial trial, Trial other) {
        return Estimate.ofDifferences(
                deciding(trial.evaluation().scores()),
                deciding(other.evaluation().scores()));
    }

    private List<Double> deciding(List<Double> scores) {
        return holdout ? part(scores, 0) : scores;
    }

    private List<Double> reported(List<Double> scores) {
        return holdout ? part(scores, 1) : scores;
    }

    private static List<Double> part(List<Double> scores, int first) {
        List<Double> part = new ArrayList<>();
        for (int i = first; i < scores.size(); i += PARTS) {
            part.add(scores.get(i));
        }
        return part;
    }
}
