package io.github.expogguf.search;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.AnswerLikeness;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Guards;
import io.github.expogguf.score.PairLogProbabilities;
import io.github.expogguf.score.Passages;
import io.github.expogguf.score.Perplexity;
import io.github.expogguf.score.PreferenceScores;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the extrapolated model inside llama.cpp. Each alpha changes the one model in place, its weights or its
 * logits; nothing is written to a file. Alpha 0 comes first: what the others are compared with is kept from it, and is
 * measured again where a search goes on from known evaluations. Serves one call at a time.
 */
public final class LiveEvaluator implements Evaluator, ProfileEvaluator, AutoCloseable {

    private final ExtrapolatedModel live;
    private final Measurements measurements;
    private final ComputeOptions how;
    private final WorkOptions rewriting;
    private final Optional<DoubleSupplier> distance;
    private final List<TensorAlphaRule> rules; // before those of a profile
    private @Nullable List<Answer> alignedAnswers; // null until known
    private @Nullable AlignedReference reference; // null until measured

    /**
     * An evaluator that has measured nothing yet.
     *
     * @param live         the model; stays the caller's, and is at the last alpha afterwards
     * @param measurements what is measured of every alpha
     * @param how          threads, cancellation and who hears of progress
     */
    public LiveEvaluator(ExtrapolatedModel live, Measurements measurements, ComputeOptions how) {
        this(live, measurements, how, Optional.empty());
    }

    /**
     * Same, with {@value Measurements#DISTANCE} among the guards.
     *
     * @param live         the model, in whose weights the pair is extrapolated
     * @param measurements what is measured of every alpha
     * @param how          contexts, threads, what hears of progress, and what stops the work
     * @param distance     of the pair that the model is made of
     */
    public LiveEvaluator(LiveModel live, Measurements measurements, ComputeOptions how, DeltaDistance distance) {
        this(live, measurements, how, Optional.of(of(live, distance)));
    }

    private static DoubleSupplier of(LiveModel live, DeltaDistance distance) {
        Objects.requireNonNull(live, "live");
        Objects.requireNonNull(distance, "distance");
        return () -> distance.of(live.plan());
    }

    private LiveEvaluator(
            ExtrapolatedModel live, Measurements measurements, ComputeOptions how, Optional<DoubleSupplier> distance) {
        Objects.requireNonNull(live, "live");
        Objects.requireNonNull(measurements, "measurements");
        Objects.requireNonNull(how, "how");
        this.live = live;
        this.distance = distance;
        this.measurements = measurements;
        this.how = how;
        this.rules =
                live instanceof LiveModel weights ? weights.plan().options().alphaRules() : List.of();
        this.rewriting = WorkOptions.builder()
                .threads(how.threads())
                .listener(how.listener())
                .cancellation(how.cancellation())
                .build();
    }

    /**
     * Takes the aligned model's answers from what an earlier search measured.
     *
     * @param known evaluations of the earlier search
     */
    public void continueFrom(List<Evaluation> known) {
        Elements.require(known, "known");
        known.stream()
                .filter(evaluation -> evaluation.alpha() == 0)
                .findFirst()
                .ifPresent(evaluation -> alignedAnswers = evaluation.answers());
    }

    @Override
    public Evaluation evaluate(float alpha) throws IOException {
        return evaluate(AlphaProfile.UNIFORM, alpha);
    }

    /**
     * Measures. The rules that the model was opened with come before those of the profile.
     *
     * @param profile how alpha is shared out among the tensors
     * @param alpha   weight of the delta, finite
     * @throws IllegalArgumentException if the profile is not uniform and the model is not one whose weights are
     *                                  extrapolated
     */
    @Override
    public Evaluation evaluate(AlphaProfile profile, float alpha) throws IOException {
        Objects.requireNonNull(profile, "profile");
        if (!profile.equals(AlphaProfile.UNIFORM) && !(live instanceof LiveModel)) {
            throw new IllegalArgumentException("profile " + profile.name() + " needs a model of weights, a LiveModel");
        }
        Evaluation measured = measure(profile, alpha);
        return new Evaluation(alpha, measured.scores(), measured.guards(), measured.answers(), profile);
    }

    private Evaluation measure(AlphaProfile profile, float alpha) throws IOException {
        if (alpha != 0 && reference == null) {
            measureAligned();
        }
        setAlpha(profile, alpha);
        LlamaModel model = live.model();
        List<Answer> answers = answers(model);
        if (alpha == 0) {
            keepAligned(model, answers);
        }
        Map<String, Double> guards = new LinkedHashMap<>(guards(model, answers).asMap());
        List<Double> margins = margins(model, guards);
        distance.ifPresent(far -> guards.put(Measurements.DISTANCE, far.getAsDouble()));
        if (measurements.isUnjudged()) {
            AnswerScores likeness = byAnswer(AnswerLikeness.of(answers, Objects.requireNonNull(alignedAnswers)));
            return new Evaluation(alpha, likeness.byPrompt(), guards, answers);
        }
        if (measurements.scorer().isEmpty()) {
            return new Evaluation(alpha, margins, guards, answers);
        }
        AnswerScores scores = byAnswer(score(measurements.scorer().get(), answers));
        scores.betweenSeeds().ifPresent(spread -> guards.put(Measurements.BETWEEN_SEEDS, spread));
        return new Evaluation(alpha, scores.byPrompt(), guards, answers);
    }

    @Override
    public boolean isUnjudged() {
        return measurements.isUnjudged();
    }

    /** A search that goes on begins with another alpha. */
    private void measureAligned() throws IOException {
        setAlpha(AlphaProfile.UNIFORM, 0);
        keepAligned(live.model(), alignedAnswers == null ? answers(live.model()) : alignedAnswers);
    }

    private void setAlpha(AlphaProfile profile, float alpha) throws IOException {
        if (live instanceof LiveModel weights) {
            List<TensorAlphaRule> all = new ArrayList<>(rules);
            all.addAll(profile.rules());
            if (weights.alpha() != alpha
                    || !weights.isComplete()
                    || !weights.plan().options().alphaRules().equals(all)) {
                weights.setAlpha(alpha, all, rewriting);
            }
        } else if (live.alpha() != alpha || !live.isComplete()) {
            live.setAlpha(alpha, rewriting);
        }
    }

    private List<Answer> answers(LlamaModel model) {
        List<Prompt> asked = measurements.asked();
        return asked.isEmpty() ? List.of() : Answers.generate(model, asked, measurements.generation(), how);
    }

    private void keepAligned(LlamaModel aligned, List<Answer> answers) {
        alignedAnswers = answers;
        close();
        reference = AlignedReference.of(aligned, passages(aligned, answers), AlignedReference.DEFAULT_BYTES, how);
    }

    private List<Passage> passages(LlamaModel model, List<Answer> answers) {
        if (measurements.text().isPresent()) {
            return ofText(model);
        }
        return answers.isEmpty()
                ? Passages.ofChosen(model, measurements.preferences(), how)
                : Passages.ofAnswers(model, firstOfEach(answers), how);
    }

    private List<Passage> ofText(LlamaModel model) {
        Measurements.Text text = measurements.text().orElseThrow();
        return Passages.ofText(model, text.name(), text.content(), text.chunkTokens());
    }

    /** One answer to each prompt is enough to compare on. */
    private List<Answer> firstOfEach(List<Answer> answers) {
        List<Answer> first = new ArrayList<>();
        for (int i = 0; i < answers.size(); i += measurements.answersPerPrompt()) {
            first.add(answers.get(i));
        }
        return first;
    }

    /** Once the aligned model has been measured. */
    private Guards guards(LlamaModel model, List<Answer> answers) {
        Guards guards =
                Guards.ofAnswers(answers).with(Objects.requireNonNull(reference).compare(model, how));
        if (!answers.isEmpty()) {
            guards = guards.withLengthRatio(Guards.lengthRatio(answers, Objects.requireNonNull(alignedAnswers)));
        }
        return measurements.text().isPresent() ? guards.with(Perplexity.of(model, ofText(model), how)) : guards;
    }

    private List<Double> margins(LlamaModel model, Map<String, Double> guards) {
        if (measurements.preferences().isEmpty()) {
            return List.of();
        }
        List<PairLogProbabilities> pairs = PreferenceScores.measure(model, measurements.preferences(), how);
        List<Double> margins = switch (measurements.margin()) {
            case PER_TOKEN -> PreferenceScores.marginsPerToken(pairs);
            case PLAIN -> PreferenceScores.margins(pairs);
        };
        if (measurements.scorer().isPresent()) {
            guards.put(measurements.margin().guard(), Numbers.mean(margins));
        }
        guards.put("accuracy", Numbers.mean(PreferenceScores.hits(margins)));
        return margins;
    }

    private double[] score(AnswerScorer scorer, List<Answer> answers) throws IOException {
        how.listener().progress(new Progress(Progress.Stage.SCORES, "", 0, answers.size()));
        double[] scores = scorer.score(answers);
        if (scores == null) { // by a scorer of the caller's, whatever its compiler knows of null
            throw new IllegalStateException("the scorer gave null, expected " + answers.size() + " scores");
        }
        if (scores.length != answers.size()) {
            throw new IllegalStateException("the scorer gave " + scores.length + " scores, expected " + answers.size());
        }
        return scores;
    }

    private AnswerScores byAnswer(double[] scores) {
        return new AnswerScores(Arrays.stream(scores).boxed().toList(), measurements.answersPerPrompt());
    }

    /** Frees what was kept of the aligned model; the model itself stays open. */
    @Override
    public void close() {
        if (reference != null) {
            reference.close();
            reference = null;
        }
    }
}
