package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class GuardsTest {

    private static Answer answer(String text, int tokens, boolean isCutOff) {
        return new Answer(Prompt.of("a question"), text, tokens, isCutOff);
    }

    @Test
    void repetitionIsTheShareOfFourWordsThatCameBefore() {
        assertThat(Guards.repetition("")).isZero();
        assertThat(Guards.repetition("one two three four")).isZero();
        assertThat(Guards.repetition("one two three four five six seven")).isZero();
        // See you soon. See | you soon. See you | soon. See you soon. | and the first again
        assertThat(Guards.repetition("See you soon. SEE\u00a0you\n soon. see you soon."))
                .isEqualTo(3.0 / 6);
        assertThat(Guards.repetition("a ".repeat(103))).isEqualTo(0.99, within(1e-12));
    }

    @Test
    void repetitionCountsCharactersWhereThereAreNoSpaces() {
        assertThat(Guards.repetition("\u4f60\u597d\u4f60\u597d\u4f60\u597d\u4f60\u597d"))
                .isEqualTo(3.0 / 5);
        assertThat(Guards.repetition("\u4e00\u4e8c\u4e09\u56db\u4e94\u516d")).isZero();
        assertThat(Guards.repetition("\ud840\udc00".repeat(6))).isEqualTo(2.0 / 3, within(1e-12));
    }

    @Test
    void repetitionOfAnswersIsTheMean() {
        List<Answer> answers = List.of(answer("b b b b b", 5, false), answer("fine", 1, false));
        assertThat(Guards.repetition(answers)).isEqualTo(0.25);
        assertThat(Guards.repetition(List.of())).isZero();
    }

    @Test
    void lengthRatioComparesMeanTokens() {
        List<Answer> shorter = List.of(answer("a", 10, false), answer("b", 20, false));
        List<Answer> longer = List.of(answer("a", 30, true), answer("b", 15, false));
        assertThat(Guards.lengthRatio(longer, shorter)).isEqualTo(1.5);
        assertThat(Guards.lengthRatio(shorter, shorter)).isEqualTo(1);
        List<Answer> nothing = List.of(answer("", 0, false));
        assertThat(Guards.lengthRatio(nothing, nothing)).isEqualTo(1);
        assertThat(Guards.lengthRatio(shorter, nothing)).isInfinite();
        assertThat(Guards.cutOff(longer)).isEqualTo(0.5);
        assertThat(Guards.cutOff(List.of())).isZero();
    }

    @Test
    void onlyWhatWasMeasuredIsNamed() {
        assertThat(Guards.none().asMap()).isEmpty();
        assertThat(Guards.ofAnswers(List.of())).isEqualTo(Guards.none());
        Guards guards = Guards.ofAnswers(List.of(answer("x", 3, true)))
                .with(new Perplexity(7.5, 0.1, 100))
                .with(new Agreement(List.of(0.25, 0.75), List.of(1.0, 0.5), 12))
                .withLengthRatio(1.25);
        assertThat(guards.kl()).isEqualTo(OptionalDouble.of(0.5));
        assertThat(guards.asMap().toString())
                .isEqualTo("{perplexity=7.5, kl=0.5, top1=0.75, length=1.25, repetition=0.0, cut-off=1.0}");
    }
}
