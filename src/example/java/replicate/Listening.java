package replicate;

import io.github.expogguf.demo.GuideReward;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.plan.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.run.OutputOptions;
import io.github.expogguf.score.AlignedReference;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Guards;
import io.github.expogguf.score.PairLogProbabilities;
import io.github.expogguf.score.Passages;
import io.github.expogguf.score.PreferenceScores;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.Evaluation;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.SearchResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Listens to one pair at every alpha, on one thread, without a file: searches twice by reward, once by preferences. */
final class Listening implements AutoCloseable {

    /** As in the training's evaluation (train_pair.py). */
    private static final int SAMPLES = 3;

    private static final float TEMPERATURE = 0.7f;
    private static final int MAX_TOKENS = 64;
    private static final int SEQUENCES = 32;

    /** What a user who knows no reward might ask for. */
    static final List<GuardBound> BOUNDS = List.of(
            GuardBound.atMost("length", 1.3), GuardBound.atMost("repetition", 0.1), GuardBound.atMost("kl", 0.5));

    private final Family family;
    private final Extrapolator pair;
    private final LiveModel live;
    private final ComputeOptions how =
            ComputeOptions.defaults().withThreads(1).withSequences(SEQUENCES);

    Listening(Family family, String name, FileType type) throws IOException {
        this.family = family;
        this.pair = Extrapolator.open(family.sft(), family.aligned(name));
        PlanOptions options = PlanOptions.builder().alpha(0).fileType(type).build();
        this.live = LiveModel.open(pair, options, OutputOptions.defaults().withThreads(1));
    }

    /** Everything about one pair in one file type. */
    record Heard(String pair, FileType type, SearchResult greedy, SearchResult sampled, SearchResult margin) {}

    static Heard listen(Family family, String name, FileType type) throws IOException {
        try (Listening listening = new Listening(family, name, type)) {
            SearchResult greedy = listening.searchByReward(SamplingOptions.greedy(), 1);
            SearchResult sampled = listening.searchByReward(new SamplingOptions(TEMPERATURE, 0, 1, 0, 1), SAMPLES);
            return new Heard(name, type, greedy, sampled, listening.searchByMargin(sampled));
        }
    }

    /** Alpha is chosen on one half of the questions and reported on the other. */
    private SearchResult searchByReward(SamplingOptions sampling, int samples) throws IOException {
        List<Prompt> questions = Collections.nCopies(samples, family.questions()).stream()
                .flatMap(List::stream)
                .toList();
        SearchOptions options =
                SearchOptions.bracketing().withAlphas(family.alphas()).withBounds(BOUNDS).withHoldout(true);
        try (Reference reference = new Reference()) {
            return AlphaSearch.run(options, alpha -> {
                live.setAlpha(alpha);
                List<Answer> answers =
                        Answers.generate(live.model(), questions, new GenerationOptions(MAX_TOKENS, sampling), how);
                if (alpha == 0) { // comes first
                    reference.set(answers);
                }
                return new Evaluation(alpha, rewards(answers, samples), reference.guards(answers).asMap(), answers);
            });
        }
    }

    /** Without a reward, within the same bounds. */
    private SearchResult searchByMargin(SearchResult sampled) throws IOException {
        SearchOptions options = SearchOptions.bracketing().withAlphas(family.alphas()).withBounds(BOUNDS);
        return AlphaSearch.run(options, alpha -> {
            live.setAlpha(alpha);
            List<PairLogProbabilities> pairs = PreferenceScores.measure(live.model(), family.preferences(), how);
            List<Double> margins = PreferenceScores.marginsPerToken(pairs);
            Map<String, Double> guards =
                    new HashMap<>(Tables.at(sampled, alpha).evaluation().guards());
            guards.put("accuracy", mean(PreferenceScores.hits(margins)));
            return new Evaluation(alpha, margins, guards, List.of());
        });
    }

    /** One per question: the mean over its samples. */
    private static List<Double> rewards(List<Answer> answers, int samples) {
        int questions = answers.size() / samples;
        return IntStream.range(0, questions)
                .mapToObj(question -> IntStream.range(0, samples)
                        .mapToObj(sample -> answers.get(sample * questions + question))
                        .mapToDouble(answer -> GuideReward.attributes(answer.prompt().text(), answer.text()).reward())
                        .average()
                        .orElseThrow())
                .toList();
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }

    /** The aligned model's answers, and what it expected in them. */
    private final class Reference implements AutoCloseable {

        private List<Answer> aligned = new ArrayList<>();
        private AlignedReference expected;

        void set(List<Answer> answers) {
            aligned = answers;
            List<Answer> once = answers.subList(0, family.questions().size());
            expected = AlignedReference.of(
                    live.model(), Passages.ofAnswers(live.model(), once, how), AlignedReference.DEFAULT_BYTES, how);
        }

        Guards guards(List<Answer> answers) {
            return Guards.ofAnswers(answers)
                    .withLengthRatio(Guards.lengthRatio(answers, aligned))
                    .with(expected.compare(live.model(), how));
        }

        @Override
        public void close() {
            if (expected != null) {
                expected.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (pair) {
            live.close();
        }
    }
}
