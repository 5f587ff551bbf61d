package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.AnswerScorer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search over profiles of the trained miniature pair, beside a loop over files. */
class ProfileSearchOfAPairTest {

    private static final TensorAlphaRule FIRST = TensorAlphaRule.parse("output=*0.5");
    private static final PlanOptions OPTIONS = PlanOptions.builder()
            .fileType(FileType.F16)
            .alphaRules(List.of(FIRST))
            .build();
    private static final List<Prompt> PROMPTS = Stream.of(
                    "Which city rules Chile?", "What colour is snow?", "Count the legs of a fly.")
            .map(Prompt::of)
            .toList();
    private static final GenerationOptions GENERATION = GenerationOptions.greedy(24);

    /** A number that every letter changes. */
    private static final AnswerScorer HASH = answers ->
            answers.stream().mapToDouble(answer -> answer.text().hashCode()).toArray();

    @Test
    void scoresAreThoseOfTheFilesThatWouldBeWritten(@TempDir Path directory) throws IOException {
        SearchOptions options = SearchOptions.grid(6).toBuilder()
                .profiles(List.of(AlphaProfile.parse("no-norms")))
                .gradient(true)
                .build();
        Map<String, List<Double>> searched = new LinkedHashMap<>();
        Map<String, List<Double>> written = new LinkedHashMap<>();
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED);
                LiveModel live = LiveModel.open(pair, OPTIONS, WorkOptions.defaults());
                LiveEvaluator evaluator = new LiveEvaluator(
                        live, Measurements.ofAnswers(PROMPTS, GENERATION, HASH), ComputeOptions.defaults())) {
            ProfileSearch.run(options, evaluator)
                    .trials()
                    .forEach(trial -> searched.put(
                            trial.evaluation().profile().name() + " " + trial.alpha(),
                            trial.evaluation().scores()));

            written.put("paper 0.0", scores(pair, List.of(), 0, directory));
            written.put("paper 6.0", scores(pair, List.of(), 6, directory));
            for (String rule : List.of("norm=copy", ".=*2..0", ".=*1.5..0.5", ".=*0.5..1.5", ".=*0..2")) {
                String name = rule.equals("norm=copy") ? "no-norms" : rule.substring(2);
                written.put(name + " 6.0", scores(pair, List.of(TensorAlphaRule.parse(rule)), 6, directory));
            }
        }
        assertThat(searched).containsExactlyInAnyOrderEntriesOf(written);
        assertThat(searched.values().stream().distinct().count())
                .as("models that answer otherwise")
                .isGreaterThan(3);
    }

    private static List<Double> scores(Extrapolator pair, List<TensorAlphaRule> rules, float alpha, Path directory)
            throws IOException {
        List<TensorAlphaRule> all = new ArrayList<>(List.of(FIRST));
        all.addAll(rules);
        Path file = directory.resolve("written-" + rules.hashCode() + "-" + alpha + ".gguf");
        pair.write(OPTIONS.toBuilder().alphaRules(all).build().withAlpha(alpha), file, OutputOptions.defaults());
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults())) {
            List<Answer> answers = Answers.generate(model, PROMPTS, GENERATION, ComputeOptions.defaults());
            return answers.stream()
                    .map(answer -> (double) answer.text().hashCode())
                    .toList();
        }
    }

    @Test
    void logitsHaveNoProfiles() throws IOException {
        Measurements answers = Measurements.ofAnswers(PROMPTS, GENERATION, HASH);
        try (LogitPair pair = LogitPair.open(DemoFiles.SFT, DemoFiles.ALIGNED, 0, LoadOptions.defaults());
                LiveEvaluator evaluator = new LiveEvaluator(pair, answers, ComputeOptions.defaults())) {
            assertThatThrownBy(() -> evaluator.evaluate(AlphaProfile.parse("depth"), 1))
                    .hasMessage("profile depth needs a model of weights, a LiveModel");
        }
    }
}
