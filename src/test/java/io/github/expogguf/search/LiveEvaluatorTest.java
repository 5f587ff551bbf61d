package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.SamplingOptions;
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
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measurements of the trained miniature pair. */
class LiveEvaluatorTest {

    private static final Path SFT = DemoFiles.SFT;
    private static final Path ALIGNED = DemoFiles.ALIGNED;
    private static final PlanOptions Q8_0 =
            PlanOptions.builder().fileType(FileType.Q8_0).build();

    private static final List<Prompt> PROMPTS = Stream.of(
                    "Which city rules Chile?", "What colour is snow?", "Count the legs of a fly.", "What is 3 times 4?")
            .map(Prompt::of)
            .toList();
    private static final List<Preference> PREFERENCES = List.of(
            new Preference("Which city rules Chile?", "That would be Santiago.", "Whatever."),
            new Preference("What colour is snow?", "I would say white. See you soon.", "I would say white white."),
            new Preference("What colour is coal?", "How boring.", "That would be black."));
    private static final GenerationOptions SAMPLED =
            GenerationOptions.greedy(40).withSampling(SamplingOptions.seeded(7).withTemperature(0.7f));
    private static final AnswerScorer LENGTH = answers ->
            answers.stream().mapToDouble(answer -> answer.text().length()).toArray();

    private Extrapolator pair;
    private LiveModel live;

    @BeforeEach
    void open() throws IOException {
        pair = Extrapolator.open(SFT, ALIGNED);
        live = LiveModel.open(pair, Q8_0, WorkOptions.defaults());
    }

    @AfterEach
    void close() throws IOException {
        live.close();
        pair.close();
    }

    private LiveEvaluator evaluator(Measurements measurements) {
        return new LiveEvaluator(live, measurements, ComputeOptions.defaults());
    }

    private static Measurements answers(int answersPerPrompt) {
        return Measurements.builder()
                .prompts(PROMPTS)
                .answersPerPrompt(answersPerPrompt)
                .generation(SAMPLED)
                .scorer(LENGTH)
                .preferences(PREFERENCES)
                .margin(Measurements.Margin.PLAIN)
                .text(new Measurements.Text("some text", "Our guide book says Santiago. ".repeat(20), 32))
                .build();
    }

    @Test
    void measuresWhatTheWrittenFileWouldAnswer(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("written.gguf");
        pair.write(Q8_0.withAlpha(5), file, OutputOptions.defaults());
        Evaluation evaluation;
        try (LiveEvaluator evaluator = evaluator(answers(1))) {
            evaluator.evaluate(0);
            evaluation = evaluator.evaluate(5);
        }

        try (LlamaModel written = LlamaModel.load(file, LoadOptions.defaults().withMemoryMapped(false))) {
            List<Answer> answers = Answers.generate(written, PROMPTS, SAMPLED, ComputeOptions.defaults());
            assertThat(evaluation.answers()).isEqualTo(answers);
            assertThat(evaluation.scores())
                    .isEqualTo(answers.stream()
                            .map(answer -> (double) answer.text().length())
                            .toList());
            List<Double> margins =
                    PreferenceScores.margins(PreferenceScores.measure(written, PREFERENCES, ComputeOptions.defaults()));
            double mean = margins.stream().mapToDouble(value -> value).average().orElseThrow();
            assertThat(evaluation.guards().get("margin")).isCloseTo(mean, within(1e-2));
        }
        assertThat(evaluation.guards().keySet())
                .containsExactlyElementsOf(answers(1).guards())
                .containsExactly("perplexity", "kl", "top1", "length", "repetition", "cut-off", "margin", "accuracy");
    }

    @Test
    void alignedModelAgreesWithItself() throws IOException {
        try (LiveEvaluator evaluator = evaluator(answers(1))) {
            Evaluation aligned = evaluator.evaluate(0);

            assertThat(aligned.guards().get("kl")).isCloseTo(0, within(1e-5));
            assertThat(aligned.guards()).containsEntry("top1", 1.0).containsEntry("length", 1.0);
            assertThat(evaluator.evaluate(20).guards().get("kl")).isGreaterThan(0.05);
        }
    }

    @Test
    void goesOnWithTheSameNumbersAfterAStop() throws IOException {
        Evaluation aligned;
        Evaluation expected;
        try (LiveEvaluator evaluator = evaluator(answers(2))) {
            aligned = evaluator.evaluate(0);
            evaluator.evaluate(20);
            expected = evaluator.evaluate(2);
        }

        try (LiveEvaluator evaluator = evaluator(answers(2))) {
            evaluator.continueFrom(List.of(aligned));

            assertThat(evaluator.evaluate(2)).isEqualTo(expected);
        }
    }

    @Test
    void spreadBetweenSeedsIsThatOfTheMeansOverAllPrompts() throws IOException {
        AnswerScorer byPlace = answers ->
                IntStream.range(0, answers.size()).mapToDouble(i -> i + i % 2).toArray();
        Measurements measurements =
                answers(2).toBuilder().scorer(byPlace).preferences(List.of()).build();
        try (LiveEvaluator evaluator = evaluator(measurements)) {
            Evaluation evaluation = evaluator.evaluate(0);

            assertThat(evaluation.scores()).containsExactly(1.0, 3.0, 5.0, 7.0);
            assertThat(evaluation.guards().get("between-seeds"))
                    .as("means 3 and 5")
                    .isCloseTo(Math.sqrt(2), within(1e-12));
            assertThat(evaluation.guards().keySet()).containsExactlyElementsOf(measurements.guards());
        }
    }

    @Test
    void scoreOfAPromptIsTheMeanOfItsAnswers() throws IOException {
        try (LiveEvaluator evaluator = evaluator(answers(3))) {
            Evaluation evaluation = evaluator.evaluate(0);

            assertThat(evaluation.answers()).hasSize(12);
            assertThat(evaluation.answers().subList(0, 3))
                    .allSatisfy(answer -> assertThat(answer.prompt()).isEqualTo(PROMPTS.getFirst()));
            assertThat(evaluation.answers().stream()
                            .map(Answer::text)
                            .distinct()
                            .count())
                    .as("different seeds")
                    .isGreaterThan(4);
            double mean = evaluation.answers().subList(3, 6).stream()
                    .mapToInt(answer -> answer.text().length())
                    .average()
                    .orElseThrow();
            assertThat(evaluation.scores()).hasSize(4);
            assertThat(evaluation.scores().get(1)).isCloseTo(mean, within(1e-9));
        }
    }

    @Test
    void marginsNeedNoAnswers() throws IOException {
        Measurements margins = Measurements.ofPreferences(PREFERENCES, Measurements.Margin.PER_TOKEN);
        try (LiveEvaluator evaluator = evaluator(margins)) {
            Evaluation evaluation = evaluator.evaluate(1);

            assertThat(evaluation.answers()).isEmpty();
            assertThat(evaluation.scores()).hasSize(3);
            assertThat(evaluation.scores().get(0)).isPositive();
            assertThat(evaluation.scores().get(2)).isNegative();
            assertThat(evaluation.guards().get("accuracy")).isCloseTo(2 / 3.0, within(1e-9));
            assertThat(evaluation.guards().keySet()).containsExactlyElementsOf(margins.guards());
        }
    }

    @Test
    void searchesThePair() throws IOException {
        Measurements margins = Measurements.ofPreferences(PREFERENCES, Measurements.Margin.PER_TOKEN);
        try (LiveEvaluator evaluator = evaluator(margins)) {
            SearchResult result = AlphaSearch.run(SearchOptions.grid(0.5f, 1f), evaluator);

            assertThat(result.trials()).extracting(Trial::alpha).containsExactly(0f, 0.5f, 1f);
        }
    }

    @Test
    void somethingMustBeScored() {
        assertThatThrownBy(() -> Measurements.ofPreferences(List.of(), Measurements.Margin.PLAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("neither prompts nor preferences");
        assertThatThrownBy(() -> Measurements.ofAnswers(List.of(), SAMPLED, LENGTH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a scorer without prompts");
    }

    @Test
    void noScoresAtAllAreRefused() {
        try (LiveEvaluator evaluator = evaluator(Measurements.ofAnswers(PROMPTS, SAMPLED, _ -> null))) {
            assertThatThrownBy(() -> evaluator.evaluate(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the scorer gave null, expected 4 scores");
        }
    }

    @Test
    void wrongNumberOfScoresIsRefused() {
        Measurements wrong = Measurements.ofAnswers(PROMPTS, SAMPLED, _ -> new double[] {1});
        try (LiveEvaluator evaluator = evaluator(wrong)) {
            assertThatThrownBy(() -> evaluator.evaluate(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the scorer gave 1 scores, expected 4");
        }
    }
}
