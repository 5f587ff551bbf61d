package replicate;

import io.github.expogguf.demo.GuideReward;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Listens to one pair at every alpha, on one thread, without a file. */
final class Listening {

    /** As in the training's evaluation (train_pair.py). */
    private static final int SAMPLES = 3;

    private static final SamplingOptions SAMPLED =
            SamplingOptions.builder().temperature(0.7f).seed(1).build();
    private static final int MAX_TOKENS = 64;

    /** How far the model may go from the aligned one, in nats per token. */
    private static final GuardBound DIVERGENCE = GuardBound.atMost("kl", 0.5);

    /** What a user who knows no reward might ask for. */
    static final List<GuardBound> BOUNDS =
            List.of(GuardBound.atMost("length", 1.3), GuardBound.atMost("repetition", 0.1), DIVERGENCE);

    private static final ComputeOptions HOW =
            ComputeOptions.defaults().withThreads(1).withSequences(32);

    private Listening() {}

    /**
     * Everything about one pair in one file type.
     *
     * @param greedy  found by the reward of greedy answers
     * @param sampled found by the reward of sampled answers
     * @param margin  found by the preference margin, without any answer
     */
    record Heard(String pair, FileType type, SearchResult greedy, SearchResult sampled, SearchResult margin) {}

    static Heard listen(Family family, String pair, FileType type) throws IOException {
        PlanOptions options = PlanOptions.builder().alpha(0).fileType(type).build();
        SearchOptions grid = SearchOptions.bracketing().withAlphas(family.alphas());
        SearchOptions byReward = grid.withBounds(BOUNDS).withHoldout(true);
        try (Extrapolator models = Extrapolator.open(family.sft(), family.aligned(pair));
                LiveModel live =
                        LiveModel.open(models, options, WorkOptions.defaults().withThreads(1))) {
            return new Heard(
                    pair,
                    type,
                    search(live, byReward, answers(family, 1, SamplingOptions.greedy())),
                    search(live, byReward, answers(family, SAMPLES, SAMPLED)),
                    search(
                            live,
                            grid.withBounds(List.of(DIVERGENCE)),
                            Measurements.ofPreferences(family.preferences(), Measurements.Margin.PER_TOKEN)));
        }
    }

    /** By alpha, 0 among them: the rewards of sampled answers, by prompt. */
    static Map<Float, List<Double>> rewards(Family family, String pair, List<Float> alphas) throws IOException {
        PlanOptions options =
                PlanOptions.builder().alpha(0).fileType(FileType.F16).build();
        try (Extrapolator models = Extrapolator.open(family.sft(), family.aligned(pair));
                LiveModel live =
                        LiveModel.open(models, options, WorkOptions.defaults().withThreads(1))) {
            SearchOptions grid = SearchOptions.bracketing().withAlphas(alphas);
            Map<Float, List<Double>> rewards = new HashMap<>();
            for (Trial trial :
                    search(live, grid, answers(family, SAMPLES, SAMPLED)).trials()) {
                rewards.put(trial.alpha(), trial.evaluation().scores());
            }
            return rewards;
        }
    }

    /** Greedy answers at some alphas, without a bound. */
    static SearchResult greedily(Family family, ExtrapolatedModel live, List<Float> alphas) throws IOException {
        SearchOptions grid = SearchOptions.bracketing().withAlphas(alphas);
        return search(live, grid, answers(family, 1, SamplingOptions.greedy()));
    }

    /** Where the mean score is the highest. */
    static Trial highest(SearchResult result) {
        return result.trials().stream()
                .max((one, other) -> Double.compare(Tables.mean(one), Tables.mean(other)))
                .orElseThrow();
    }

    private static SearchResult search(ExtrapolatedModel live, SearchOptions options, Measurements measurements)
            throws IOException {
        try (LiveEvaluator evaluator = new LiveEvaluator(live, measurements, HOW)) {
            return AlphaSearch.run(options, evaluator);
        }
    }

    private static Measurements answers(Family family, int samples, SamplingOptions sampling) {
        return Measurements.builder()
                .prompts(family.questions())
                .answersPerPrompt(samples)
                .generation(GenerationOptions.greedy(MAX_TOKENS).withSampling(sampling))
                .scorer(Listening::rewards)
                .build();
    }

    private static double[] rewards(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer -> GuideReward.attributes(answer.prompt().text(), answer.text())
                        .reward())
                .toArray();
    }
}
