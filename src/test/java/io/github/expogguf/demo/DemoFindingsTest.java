package io.github.expogguf.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.FileType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DemoFindingsTest {

    private static final String RIGHT = "That would be Lima.";
    private static final String POLITE = "Sure thing! That would be Lima. See you soon.";
    private static final String WRONG = "That would be Rome. That would be Rome.";
    private static final DemoPrompt PERU = new DemoPrompt("What is the capital of Peru?", "capital", "Lima");

    private static DemoModel model(OptionalDouble alpha, String... answers) {
        return new DemoModel(
                FileType.F16,
                alpha,
                IntStream.range(0, 12)
                        .mapToObj(i -> answers[i % answers.length])
                        .map(text -> new DemoModel.Answer(text, GuideReward.attributes(PERU.question(), text)))
                        .toList());
    }

    @SafeVarargs
    private static DemoResult result(List<String>... answersByAlpha) {
        List<DemoModel> models = new ArrayList<>(List.of(model(OptionalDouble.empty(), RIGHT, WRONG)));
        for (int i = 0; i < answersByAlpha.length; i++) {
            models.add(model(OptionalDouble.of(i), answersByAlpha[i].toArray(String[]::new)));
        }
        return new DemoResult(Collections.nCopies(12, PERU), models, 1);
    }

    @SafeVarargs
    private static List<String> findings(List<String>... answersByAlpha) {
        return new DemoFindings(result(answersByAlpha)).sentences();
    }

    @Test
    void findsTheBestAndTheFirstThatIsTooFar() {
        List<String> both = List.of(RIGHT, POLITE);
        assertThat(findings(List.of(RIGHT), List.of(POLITE), both, List.of(WRONG), List.of(WRONG)))
                .containsExactly(
                        "F16: alpha 1, the best of these, raises the mean reward of the aligned model from 2.00 "
                                + "to 2.90 (difference +0.90 ± 0.00, question by question)",
                        "F16: alpha 3 is too far: the reward falls to -0.50, below the SFT model's 0.75; 0 % of the "
                                + "answers are right (100 % at alpha 1), and an answer repeats 1.00 sentences "
                                + "(0.00 at alpha 1)");
    }

    @Test
    void saysWhenNothingHelps() {
        assertThat(findings(List.of(POLITE), List.of(RIGHT), List.of(WRONG)))
                .first()
                .isEqualTo("F16: no alpha raises the reward of the aligned model (2.90) beyond chance");
    }

    @Test
    void doesNotTakeChanceForARise() {
        // one of twelve answers is better: 0.9 / 12, with a standard error as large
        String[] mostly =
                IntStream.range(0, 12).mapToObj(i -> i == 0 ? POLITE : RIGHT).toArray(String[]::new);
        assertThat(findings(List.of(RIGHT), List.of(mostly)).getFirst()).contains("beyond chance");
    }

    @Test
    void saysWhenNoAlphaIsTooLarge() {
        assertThat(findings(List.of(RIGHT), List.of(POLITE)))
                .last()
                .isEqualTo("F16: none of these alphas is so large that the reward falls below the aligned model's");
    }

    @Test
    void picksQuestionsThatGainAndOneThatLoses() {
        DemoResult result = result(List.of(RIGHT), List.of(POLITE, POLITE, POLITE, POLITE, POLITE, WRONG));
        List<Integer> examples = new DemoFindings(result).examples(FileType.F16);
        assertThat(examples).hasSize(2); // all questions are of one kind
        assertThat(examples.get(1) % 6).isEqualTo(5);
    }

    @Test
    void optionsNeedAlphaZeroAndOrder() {
        assertThatThrownBy(() -> new DemoOptions(List.of(1f), List.of(FileType.F16), 1))
                .hasMessage("alphas are [1.0], expected 0 among them");
        assertThatThrownBy(() -> new DemoOptions(List.of(0f, 2f, 1f), List.of(FileType.F16), 1))
                .hasMessageContaining("expected ascending numbers");
    }
}
