package io.github.expogguf.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The evaluations of a search so far, and the questions that are asked about them. The first is that of alpha 0. */
final class Trials {

    /** Even prompts decide, odd ones are reported on. */
    private static final int PARTS = 2;

    private final List<GuardBound> bounds;
    private final boolean holdout;
    private final TreeMap<Float, Evaluation> evaluations = new TreeMap<>();
    private final TreeMap<Float, Trial> byAlpha = new TreeMap<>(); // of all evaluations

    Trials(SearchOptions options) {
        this.bounds = options.bounds();
        this.holdout = options.holdout();
    }

    Trial add(Evaluation evaluation) {
        if (holdout && evaluation.scores().size() < PARTS) {
            throw new IllegalArgumentException("a holdout needs at least 2 prompts");
        }
        Evaluation aligned = evaluations.isEmpty() ? evaluation : Objects.requireNonNull(evaluations.get(0f));
        evaluations.put(evaluation.alpha(), evaluation);
        for (Evaluation each : evaluations.values()) { // a new one may tell that a bound is broken farther out
            byAlpha.put(each.alpha(), trial(each, aligned));
        }
        return Objects.requireNonNull(byAlpha.get(evaluation.alpha()));
    }

    private Trial trial(Evaluation evaluation, Evaluation aligned) {
        return new Trial(
                evaluation,
                Estimate.of(deciding(evaluation.scores())),
                Estimate.ofDifferences(deciding(evaluation.scores()), deciding(aligned.scores())),
                Estimate.of(reported(evaluation.scores())),
                Estimate.ofDifferences(reported(evaluation.scores()), reported(aligned.scores())),
                bounds.stream()
                        .filter(bound -> !bound.isMet(deciding(evaluation), aligned, closer(evaluation.alpha())))
                        .toList());
    }

    /** Evaluations between alpha 0, which is one of them, and this alpha, by the prompts that decide. */
    private List<Evaluation> closer(float alpha) {
        return evaluations.values().stream()
                .filter(other -> other.alpha() * alpha >= 0 && Math.abs(other.alpha()) < Math.abs(alpha))
                .map(this::deciding)
                .toList();
    }

    private Evaluation deciding(Evaluation evaluation) {
        return new Evaluation(
                evaluation.alpha(),
                deciding(evaluation.scores()),
                evaluation.guards(),
                List.of(),
                evaluation.profile());
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

    /** The next one farther from 0. */
    Optional<Trial> beyond(Trial trial) {
        return trial.alpha() < 0 ? below(trial) : above(trial);
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

    /** The same on the prompts that are reported on. */
    Estimate reportedAdvantage(Trial trial, Trial other) {
        return Estimate.ofDifferences(
                reported(trial.evaluation().scores()),
                reported(other.evaluation().scores()));
    }

    /** Of the scores by prompt those that decide. */
    List<Double> deciding(List<Double> scores) {
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
