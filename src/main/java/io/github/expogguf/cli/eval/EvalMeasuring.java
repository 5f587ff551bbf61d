package io.github.expogguf.cli.eval;

import io.github.expogguf.PromptException;
import io.github.expogguf.cli.option.model.ModelInputs;
import io.github.expogguf.cli.option.model.PromptFormat;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.score.Agreement;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Guards;
import io.github.expogguf.score.PairLogProbabilities;
import io.github.expogguf.score.Passages;
import io.github.expogguf.score.Perplexity;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.PreferenceScores;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.AnswerScores;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Measures one model with whatever {@code eval} was given. */
final class EvalMeasuring {

    private final Materials materials;
    private final ModelInputs.Opened opened;
    private final PromptFormat format;
    private final ComputeOptions how;
    private final WorkOptions weights; // how the weights of a pair are changed
    private List<EvalRow> rows = new ArrayList<>();
    private @Nullable List<PairLogProbabilities> ofSft; // null until asked

    /**
     * What is measured on; empty where it was not given.
     *
     * @param preferences pairs
     * @param asked       prompts to be answered, each as often as it is, one after the other
     * @param seeds       how often that is
     * @param scorers     of answers, by name
     * @param text        for perplexity, its name and content
     * @param chunk       tokens of its chunks, or 0
     * @param sft         model that implicit rewards are relative to
     * @param aligned     model that divergence and length are relative to, if the model is no pair
     * @param beta        factor of the implicit reward
     * @param generation  how prompts are answered
     */
    record Materials(
            List<Preference> preferences,
            List<Prompt> asked,
            int seeds,
            Map<String, AnswerScorer> scorers,
            Optional<Map.Entry<String, String>> text,
            int chunk,
            Optional<Path> sft,
            Optional<Path> aligned,
            double beta,
            GenerationOptions generation) {

        Materials {
            scorers = new LinkedHashMap<>(scorers);
        }

        /** All that will be said to models. */
        List<List<ChatMessage>> conversations() {
            return Stream.concat(
                            asked.stream().map(Prompt::messages),
                            preferences.stream().map(Preference::messages))
                    .toList();
        }
    }

    /** What the aligned model says. */
    private record Aligned(List<Answer> answers, Optional<AlignedReference> reference) implements AutoCloseable {

        @Override
        public void close() {
            reference.ifPresent(AlignedReference::close);
        }
    }

    EvalMeasuring(
            Materials materials,
            ModelInputs.Opened opened,
            PromptFormat format,
            ComputeOptions how,
            WorkOptions weights) {
        this.materials = materials;
        this.opened = opened;
        this.format = format;
        this.how = how;
        this.weights = weights;
    }

    /** Measures a model, or one of a pair. */
    EvalReport.Measured measure() throws IOException {
        try (Aligned aligned = alignedFile()) {
            return new EvalReport.Measured(Optional.empty(), rows(aligned));
        }
    }

    /** Measures a pair at every alpha; what the aligned model says is asked once. */
    List<EvalReport.Measured> measure(ExtrapolatedModel live, List<Float> alphas) throws IOException {
        List<EvalReport.Measured> measured = new ArrayList<>();
        try (Aligned aligned = alignedOf(live)) {
            for (float alpha : alphas) {
                setAlpha(live, alpha);
                measured.add(new EvalReport.Measured(Optional.of(alpha), rows(aligned)));
            }
        }
        return measured;
    }

    private void setAlpha(ExtrapolatedModel live, float alpha) throws IOException {
        if (live.alpha() != alpha) {
            live.setAlpha(alpha, weights);
        }
    }

    /** All rows, in the order of the table. */
    private List<EvalRow> rows(Aligned aligned) throws IOException {
        rows = new ArrayList<>();
        if (!materials.preferences().isEmpty()) {
            preferences();
        }
        if (!materials.asked().isEmpty()) {
            answers(aligned);
        }
        if (materials.text().isPresent()) {
            Perplexity perplexity = Perplexity.of(opened.model(), textPassages(opened.model()), how);
            String tokens = Units.count(perplexity.tokens(), "token");
            rows.add(new EvalRow(
                    "perplexity", perplexity.value(), perplexity.error(), OptionalDouble.empty(), tokens, ""));
        }
        if (aligned.reference().isPresent()) {
            agreement(aligned.reference().get());
        }
        return rows;
    }

    private void preferences() throws IOException {
        List<PairLogProbabilities> pairs = PreferenceScores.measure(opened.model(), materials.preferences(), how);
        margin("margin", PreferenceScores.margins(pairs), "accuracy", "nats");
        margin("margin-per-token", PreferenceScores.marginsPerToken(pairs), "accuracy-per-token", "nats per token");
        if (materials.sft().isPresent()) {
            List<Double> rewards = PreferenceScores.implicitRewards(
                    pairs, ofSft(materials.sft().get()), materials.beta());
            margin("implicit-reward", rewards, "implicit-accuracy", "nats * beta");
        }
    }

    private List<PairLogProbabilities> ofSft(Path file) throws IOException {
        if (ofSft == null) {
            try (LlamaModel sft = format.load(file, weights)) {
                ofSft = PreferenceScores.measure(sft, materials.preferences(), how);
            }
        }
        return ofSft;
    }

    private void margin(String name, List<Double> margins, String accuracy, String unit) {
        rows.add(EvalRow.mean(name, margins, "pair", unit));
        rows.add(EvalRow.mean(accuracy, PreferenceScores.hits(margins), "pair", "of 1"));
    }

    private void answers(Aligned aligned) throws IOException {
        List<Answer> answers = Answers.generate(opened.model(), materials.asked(), materials.generation(), how);
        for (Map.Entry<String, AnswerScorer> scorer : materials.scorers().entrySet()) {
            double[] scores = scorer.getValue().score(answers);
            rows.add(EvalRow.mean(
                    scorer.getKey(), drawn(Arrays.stream(scores).boxed().toList()), "answer", ""));
        }
        rows.add(EvalRow.mean("tokens", each(answers, Answer::tokens), "answer", "per answer"));
        if (!aligned.answers().isEmpty()) {
            rows.add(EvalRow.length(answers, aligned.answers(), materials.seeds()));
        }
        rows.add(EvalRow.mean("repetition", each(answers, a -> Guards.repetition(a.text())), "answer", "of 1"));
        rows.add(EvalRow.mean("cut-off", each(answers, a -> a.isCutOff() ? 1 : 0), "answer", "of 1"));
    }

    private AnswerScores each(List<Answer> answers, ToDoubleFunction<Answer> measure) {
        return drawn(answers.stream().map(measure::applyAsDouble).toList());
    }

    private AnswerScores drawn(List<Double> scores) {
        return new AnswerScores(scores, materials.seeds());
    }

    private void agreement(AlignedReference reference) {
        Agreement agreement = reference.compare(opened.model(), how);
        int seeds = materials.text().isPresent() ? 1 : materials.seeds(); // of the answers that are compared on
        rows.add(EvalRow.mean("kl", new AnswerScores(agreement.kl(), seeds), "text", "nats per token"));
        rows.add(EvalRow.mean("top1", new AnswerScores(agreement.top1(), seeds), "text", "of 1"));
    }

    /** Asks the pair at alpha 0. */
    private Aligned alignedOf(ExtrapolatedModel live) throws IOException {
        if (!hasTexts()) {
            return new Aligned(List.of(), Optional.empty());
        }
        setAlpha(live, 0);
        return ask(live.model());
    }

    /** Asks the file that a model is compared with, if there is one. */
    private Aligned alignedFile() throws IOException {
        if (!hasTexts() || materials.aligned().isEmpty()) {
            return new Aligned(List.of(), Optional.empty());
        }
        try (LlamaModel aligned = format.load(materials.aligned().get(), weights)) {
            return ask(aligned);
        }
    }

    private boolean hasTexts() {
        return materials.text().isPresent() || !materials.asked().isEmpty();
    }

    private Aligned ask(LlamaModel aligned) {
        List<Answer> answers = materials.asked().isEmpty()
                ? List.of()
                : Answers.generate(aligned, materials.asked(), materials.generation(), how);
        List<Passage> passages =
                materials.text().isPresent() ? textPassages(aligned) : Passages.ofAnswers(aligned, answers, how);
        return new Aligned(
                answers, Optional.of(AlignedReference.of(aligned, passages, AlignedReference.DEFAULT_BYTES, how)));
    }

    private List<Passage> textPassages(LlamaModel model) {
        Map.Entry<String, String> text = materials.text().orElseThrow();
        List<Passage> passages = Passages.ofText(model, text.getKey(), text.getValue(), materials.chunk());
        int tokens = passages.getFirst().tokens().length;
        if (how.contextTokens() > 0 && tokens > how.contextTokens() + 1) {
            throw new PromptException(text.getKey() + ": its chunks have " + tokens + " tokens, for which --ctx-size "
                    + how.contextTokens() + " is too small; give --chunk " + how.contextTokens() + ", or --ctx-size "
                    + tokens);
        }
        return passages;
    }
}
