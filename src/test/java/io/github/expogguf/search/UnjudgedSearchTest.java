package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.SearchResult.End;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The search for an alpha that nothing judges, on models whose divergence is known. */
class UnjudgedSearchTest {

    private static final int WORDS = 100;

    /** A model whose divergence is a power of alpha, and whose answers change word by word with alpha. */
    private record Model(double scale, double power, double wordsByAlpha, List<Float> asked) implements Evaluator {

        static Model of(double scale, double power) {
            return new Model(scale, power, 1, new ArrayList<>());
        }

        @Override
        public Evaluation evaluate(float alpha) {
            asked.add(alpha);
            int changed = (int) Math.min(WORDS, wordsByAlpha * Math.log1p(10 * alpha));
            String text = IntStream.range(0, WORDS)
                    .mapToObj(i -> i < changed ? "alpha" + alpha : "word" + i)
                    .collect(Collectors.joining(" "));
            Answer answer = new Answer(Prompt.of("?"), text, WORDS, false);
            return new Evaluation(
                    alpha,
                    List.of(1.0, 1.0),
                    Map.of("kl", scale * Math.pow(alpha, power), "length", 1 + alpha / 10.0),
                    List.of(answer, answer));
        }
    }

    private static SearchResult run(SearchOptions options, Model model) throws IOException {
        return AlphaSearch.runUnjudged(options, model, List.of(), AlphaSearch.Listener.none());
    }

    private static SearchOptions from(float start) {
        return SearchOptions.bracketing()
                .withStart(start)
                .withBounds(List.of(GuardBound.atMost("kl", GuardBound.DIVERGENCE)));
    }

    private static double divergence(Trial trial) {
        return trial.evaluation().guards().get("kl");
    }

    @ParameterizedTest
    @CsvSource({"0.001, 2, 9", "0.001, 2, 0.1", "0.5, 1.7, 9", "0.5, 1.7, 30", "0.0001, 2.2, 0.3", "0.03, 1.5, 1"})
    void findsTheAlphaOfTheDivergenceFromAnyStart(double scale, double power, float start) throws IOException {
        Model model = Model.of(scale, power);

        SearchResult result = run(from(start), model);

        Trial chosen = result.best().orElseThrow();
        assertThat(divergence(chosen)).isBetween(Approach.GOAL / 1.26, Approach.GOAL * 1.26);
        assertThat(result.end()).isEqualTo(End.GOAL);
        assertThat(model.asked()).hasSizeLessThanOrEqualTo(11);
        SearchResult.Hunch hunch = result.hunch().orElseThrow();
        double low = Math.pow(0.03 / scale, 1 / power);
        hunch.low()
                .ifPresent(alpha -> assertThat(alpha).isLessThan(chosen.alpha()).isCloseTo(low, within(0.02 * low)));
        hunch.high().ifPresent(high -> assertThat(high).isGreaterThan(chosen.alpha()));
        assertThat(hunch.likeness().orElseThrow().mean()).isBetween(0.9, 1.0);
        assertThat(result.maximum()).as("nothing was judged").isEmpty();
    }

    @Test
    void boundsEndTheSearchBeforeTheDivergenceDoes() throws IOException {
        SearchOptions options = from(1).withBounds(List.of(GuardBound.atMost("length", 1.3)));

        SearchResult result = run(options, Model.of(0.0001, 2));

        assertThat(result.best().orElseThrow().alpha()).isBetween(2.2f, 3f);
        assertThat(result.hunch().orElseThrow().high().orElseThrow())
                .isBetween((double) result.best().orElseThrow().alpha(), 4.0);
    }

    @Test
    void alphasWhoseNeighboursAnswerOtherwiseAreLeft() throws IOException {
        Model steady = Model.of(0.001, 2);
        Model restless = new Model(0.001, 2, 60, new ArrayList<>());

        SearchResult result = run(from(4), restless);

        assertThat(run(from(4), steady).best().orElseThrow().alpha()).isGreaterThan(7);
        assertThat(result.best().orElseThrow().alpha()).isLessThan(1);
    }

    @Test
    void whereNothingKeepsTheBoundsTheAlignedModelStays() throws IOException {
        SearchResult result = run(from(1).withBounds(List.of(GuardBound.atMost("length", 1))), Model.of(0.01, 2));

        assertThat(result.best().orElseThrow().alpha()).isZero();
        assertThat(result.end()).isEqualTo(End.NOTHING_ALLOWED);
        assertThat(result.hunch()).isEmpty();
    }

    @Test
    void modelThatNeverDivergesLeadsToTheEndOfTheRange() throws IOException {
        SearchResult result = run(from(1).withMaxAlpha(5), Model.of(0.0001, 1));

        assertThat(result.end()).isEqualTo(End.RANGE_ENDS);
        assertThat(result.best().orElseThrow().alpha()).isEqualTo(5);
    }

    @Test
    void gridIsLookedAtWholeAndTheClosestIsChosen() throws IOException {
        SearchResult result = run(SearchOptions.grid(1f, 4f, 8f, 16f), Model.of(0.001, 2));

        assertThat(result.end()).isEqualTo(End.GRID_DONE);
        assertThat(result.best().orElseThrow().alpha()).isEqualTo(8);
    }

    @Test
    void evaluationsAreLimited() throws IOException {
        SearchResult result = run(from(9).withMaxEvaluations(3), Model.of(0.001, 2));

        assertThat(result.trials()).hasSize(3);
        assertThat(result.end()).isEqualTo(End.EVALUATIONS_USED);
    }

    @Test
    void rangeEndsWithinWhatWasLookedAt() throws IOException {
        SearchResult.Hunch close = hunch(SearchOptions.grid(7f, 7.000001f), Map.of(7f, 0.05, 7.000001f, 0.050000001));
        assertThat(close.low()).isEmpty();
        assertThat(close.high()).isEmpty();

        SearchResult.Hunch falling = hunch(SearchOptions.grid(0.01f, 0.02f), Map.of(0.01f, 0.0021, 0.02f, 0.002));
        assertThat(falling.low()).isEmpty();
        assertThat(falling.high()).isEmpty();

        SearchResult.Hunch from = hunch(SearchOptions.grid(1f, 2f), Map.of(1f, 0.02, 2f, 0.08));
        assertThat(from.low().orElseThrow()).isBetween(1.0, 2.0);
        assertThat(from.high()).isEmpty();

        SearchResult.Hunch upTo = hunch(SearchOptions.grid(1f, 2f), Map.of(1f, 0.06, 2f, 0.24));
        assertThat(upTo.low()).isEmpty();
        assertThat(upTo.high().orElseThrow()).isBetween(1.0, 2.0);
    }

    private static SearchResult.Hunch hunch(SearchOptions options, Map<Float, Double> divergences) throws IOException {
        Evaluator evaluator = alpha ->
                new Evaluation(alpha, List.of(1.0), Map.of("kl", divergences.getOrDefault(alpha, 0.0)), List.of());
        return AlphaSearch.runUnjudged(options, evaluator, List.of(), AlphaSearch.Listener.none())
                .hunch()
                .orElseThrow();
    }

    @Test
    void modelsThatAreTheSameLeaveTheAligned() throws IOException {
        SearchResult result = run(from(1).withMaxAlpha(4), Model.of(0, 1));

        assertThat(result.end()).isEqualTo(End.RANGE_ENDS);
        assertThat(result.best().orElseThrow().alpha()).isZero();
        assertThat(result.hunch()).isEmpty();
    }

    @Test
    void searchForABestRefusesWhatNothingJudges() {
        Evaluator unjudged = new Evaluator() {
            @Override
            public Evaluation evaluate(float alpha) {
                return new Evaluation(alpha, List.of(1.0), Map.of("kl", 0.0), List.of());
            }

            @Override
            public boolean isUnjudged() {
                return true;
            }
        };

        assertThatThrownBy(() -> AlphaSearch.run(SearchOptions.grid(1f), unjudged))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the evaluator has nothing to judge by; runUnjudged looks without");
    }

    @Test
    void divergenceIsNeeded() {
        Evaluator without = alpha -> new Evaluation(alpha, List.of(1.0), Map.of(), List.of());

        assertThatThrownBy(() -> AlphaSearch.runUnjudged(
                        SearchOptions.bracketing(), without, List.of(), AlphaSearch.Listener.none()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("kl was not measured at alpha 0.1");
    }
}
