package example;

import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.score.PromptFile;
import io.github.expogguf.search.AlphaSearch;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.SearchLog;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Searches the alpha with the shortest answers, and goes on where it was stopped. Arguments: SFT, ALIGNED, PROMPTS,
 * LOG.
 */
public final class ContinueSearch {

    private ContinueSearch() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        List<Prompt> prompts = PromptFile.read(Path.of(arguments[2]));
        Path file = Path.of(arguments[3]);
        AnswerScorer shortness = answers ->
                answers.stream().mapToDouble(answer -> -answer.tokens()).toArray();
        Measurements measurements = Measurements.ofAnswers(prompts, GenerationOptions.greedy(32), shortness);
        SearchOptions options = SearchOptions.grid(1f, 5f);
        Map<String, String> inputs =
                Map.of("sft", sft.toString(), "aligned", aligned.toString(), "prompts", arguments[2]);

        try (Extrapolator pair = Extrapolator.open(sft, aligned);
                LiveModel live = LiveModel.open(pair, PlanOptions.builder().build(), WorkOptions.defaults());
                LiveEvaluator evaluator = new LiveEvaluator(live, measurements, ComputeOptions.defaults())) {
            try (SearchLog log = SearchLog.open(file, inputs, measurements.asked())) {
                System.out.println(log.evaluations().size() + " alphas are known");
                evaluator.continueFrom(log.evaluations());
                SearchResult result = AlphaSearch.run(
                        options, log.keeping(evaluator), log.evaluations(), AlphaSearch.Listener.none());
                result.trials()
                        .forEach(trial -> System.out.println(
                                "alpha " + trial.alpha() + ": " + trial.score().mean()));
            }
        }
    }
}
