package example;

import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.ProfileSearch;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Asks whether answers begin politely more often where tensors have alphas of their own. Arguments: SFT, ALIGNED. */
public final class SearchProfiles {

    private SearchProfiles() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        List<Prompt> prompts = List.of(
                Prompt.of("Which city rules Chile?"),
                Prompt.of("Which city rules Peru?"),
                Prompt.of("Hi! Do you know what follows Monday?"));
        AnswerScorer politeness = answers -> answers.stream()
                .mapToDouble(answer -> answer.text().startsWith("Welcome") ? 1 : 0)
                .toArray();

        try (Extrapolator pair = Extrapolator.open(sft, aligned);
                LiveModel live = LiveModel.open(pair, PlanOptions.builder().build(), WorkOptions.defaults())) {
            Measurements measurements = Measurements.ofAnswers(prompts, GenerationOptions.greedy(32), politeness);
            try (LiveEvaluator evaluator = new LiveEvaluator(live, measurements, ComputeOptions.defaults())) {
                SearchOptions options = SearchOptions.grid(4f, 8f).toBuilder()
                        .profiles(List.of(AlphaProfile.parse("no-norms")))
                        .gradient(true)
                        .build();
                ProfileSearchResult result = ProfileSearch.run(options, evaluator);
                for (ProfileSearchResult.Candidate candidate : result.candidates()) {
                    candidate.advantage().ifPresent(gain -> System.out.println(candidate.name() + ": " + gain));
                }
                result.best()
                        .ifPresent(best -> System.out.println(
                                "best: " + best.evaluation().profile().name() + ", alpha " + best.alpha()));
            }
        }
    }
}
