package example;

import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Preference;
import io.github.expogguf.score.PreferenceScores;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Scores a pair in memory at two alphas. Arguments: SFT, ALIGNED. */
public final class ScoreAlphas {

    private ScoreAlphas() {}

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path sft = Path.of(arguments[0]);
        Path aligned = Path.of(arguments[1]);
        List<Prompt> prompts = List.of(Prompt.of("Which city rules Chile?"));
        List<Preference> preferences = List.of(new Preference(
                "Which city rules Chile?",
                "That would be Santiago.",
                "Nobody really knows. Our guide book says Santiago."));

        try (Extrapolator pair = Extrapolator.open(sft, aligned);
                LiveModel live =
                        LiveModel.open(pair, PlanOptions.builder().alpha(0.3f).build(), WorkOptions.defaults())) {
            ComputeOptions how = ComputeOptions.defaults();
            List<Answer> answers = Answers.generate(live.model(), prompts, GenerationOptions.greedy(64), how);
            AnswerScorer shortness = given ->
                    given.stream().mapToDouble(answer -> -answer.tokens()).toArray();
            double[] scores = shortness.score(answers); // or a RewardModel, or a JudgeCommand
            live.setAlpha(0.5f);
            List<Double> margins = PreferenceScores.margins(PreferenceScores.measure(live.model(), preferences, how));
            System.out.println("scores " + Arrays.toString(scores) + ", margins " + margins);
        }
    }
}
