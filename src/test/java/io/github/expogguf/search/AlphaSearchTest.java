package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.search.SearchResult.Edge;
import io.github.expogguf.search.SearchResult.End;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search on models whose true score is known, with noise and without. */
class AlphaSearchTest {

    private static final int SEEDS = 100;

    private static List<SearchResult> many(SearchOptions options, DoubleUnaryOperator score) throws IOException {
        List<SearchResult> results = new ArrayList<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            results.add(AlphaSearch.run(options, NoisyCurve.of(score, seed)));
        }
        return results;
    }

    private static float best(SearchResult result) {
        return result.best().orElseThrow().alpha();
    }

    private static List<Float> alphas(SearchResult result) {
        return result.trials().stream().map(Trial::alpha).toList();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.5, 1.5, 2.5, 8, 25})
    void bracketingFindsThePublishedOptima(double peak) throws IOException {
        DoubleUnaryOperator score = NoisyCurve.hump(peak, 1);

        for (SearchResult result : many(SearchOptions.bracketing(), score)) {
            assertThat(result.isImprovement()).isTrue();
            double lost = 1 - score.applyAsDouble(best(result));
            assertThat(lost).as("true score lost at %s", best(result)).isLessThan(0.35);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.13, 0.7, 3, 20})
    void withoutNoiseTheMaximumIsCloseToThePeak(double peak) throws IOException {
        SearchResult result = AlphaSearch.run(SearchOptions.bracketing(), NoisyCurve.exact(NoisyCurve.hump(peak, 1)));

        assertThat(result.end()).isEqualTo(End.NARROW);
        assertThat(AlphaScale.position(result.maximum().orElseThrow().alpha()))
                .isCloseTo(AlphaScale.position(peak), within(0.2));
        assertThat(result.best()).isEqualTo(result.maximum());
    }

    @Test
    void aGridHasAnAlpha() {
        assertThatThrownBy(SearchOptions::grid)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a grid without alphas, expected at least one");
    }

    @Test
    void flatScoresKeepTheAlignedModelAndAreNotRefined() throws IOException {
        List<SearchResult> results = many(SearchOptions.bracketing(), alpha -> 1);

        assertThat(results.stream().filter(SearchResult::isImprovement).count())
                .as("the maximum of ten may be two errors above alpha 0 by chance")
                .isLessThan(SEEDS / 4);
        assertThat(results.stream()
                        .mapToInt(result -> result.trials().size())
                        .average()
                        .orElseThrow())
                .as("ten alphas are on the way to 32; few differences look like a peak")
                .isLessThan(13);
    }

    @Test
    void equalScoresAtEveryAlphaEndTheSearchAfterTheWalk() throws IOException {
        NoisyCurve curve = NoisyCurve.exact(alpha -> 1);

        SearchResult result = AlphaSearch.run(SearchOptions.bracketing(), curve);

        assertThat(curve.asked()).containsExactly(0f, 0.1f, 0.25f, 0.5f, 1f, 2f, 4f, 8f, 16f, 32f);
        assertThat(best(result)).isZero();
        assertThat(result.end()).isEqualTo(End.NO_RISE);
    }

    @Test
    void risingScoresLeadToTheEndOfTheRangeAndSaySo() throws IOException {
        for (SearchResult result : many(SearchOptions.bracketing(), alpha -> alpha / 8)) {
            assertThat(result.end()).isEqualTo(End.RANGE_ENDS);
            assertThat(best(result)).isEqualTo(32);
            assertThat(result.trials()).hasSize(10);
        }
        SearchResult shorter =
                AlphaSearch.run(SearchOptions.bracketing().withMaxAlpha(3), NoisyCurve.exact(alpha -> alpha));
        assertThat(alphas(shorter)).containsExactly(0f, 0.1f, 0.25f, 0.5f, 1f, 2f, 3f);
    }

    @Test
    void fallingScoresEndTheWalkEarly() throws IOException {
        for (SearchResult result : many(SearchOptions.bracketing(), alpha -> -alpha)) {
            assertThat(best(result)).isLessThanOrEqualTo(0.1f);
            assertThat(alphas(result)).contains(0f, 0.1f).doesNotContain(2f);
        }
    }

    @Test
    void secondHumpBehindAClearDipIsLeftToTheGrid() throws IOException {
        DoubleUnaryOperator humps =
                alpha -> alpha > 8 ? 2 : NoisyCurve.hump(0.5, 1).applyAsDouble(alpha);
        SearchOptions grid = SearchOptions.grid(0.25f, 0.5f, 1f, 2f, 4f, 8f, 16f, 32f);

        for (SearchResult result : many(SearchOptions.bracketing(), humps)) {
            assertThat(best(result)).isBetween(0.1f, 2f);
            assertThat(result.trials().getLast().alpha()).isLessThan(16);
        }
        for (SearchResult result : many(grid, humps)) {
            assertThat(best(result)).isIn(16f, 32f);
        }
    }

    @Test
    void dipWithinTheErrorIsCrossed() throws IOException {
        DoubleUnaryOperator humps =
                alpha -> alpha == 1 ? 0.3 : NoisyCurve.hump(4, 2).applyAsDouble(alpha);

        for (SearchResult result : many(SearchOptions.bracketing(), humps)) {
            assertThat(best(result)).isBetween(1.5f, 8f);
        }
    }

    @Test
    void ofAlphasThatCannotBeToldApartTheSmallestIsChosen() throws IOException {
        DoubleUnaryOperator plateau = alpha -> alpha < 1 ? 0 : 1 + alpha / 1000;
        SearchOptions grid = SearchOptions.grid(2f, 1f, 4f, 8f);

        List<SearchResult> results = many(grid, plateau);

        assertThat(results)
                .allSatisfy(result -> assertThat(best(result))
                        .isLessThanOrEqualTo(result.highest().orElseThrow().alpha()));
        assertThat(results.stream().filter(result -> best(result) == 1).count()).isGreaterThan(SEEDS / 2);
        assertThat(best(AlphaSearch.run(grid, NoisyCurve.exact(plateau))))
                .as("without noise every difference counts")
                .isEqualTo(8);
    }

    @Test
    void gridStartsWithTheAlignedModelAndKeepsItsOrder() throws IOException {
        NoisyCurve curve = NoisyCurve.exact(alpha -> alpha);

        SearchResult result = AlphaSearch.run(SearchOptions.grid(3f, -0.5f, 1f, 3f, -0f), curve);

        assertThat(curve.asked()).containsExactly(0f, 3f, -0.5f, 1f);
        assertThat(alphas(result)).containsExactly(-0.5f, 0f, 1f, 3f);
        assertThat(result.end()).isEqualTo(End.GRID_DONE);
        assertThat(result.trials().getFirst().difference().mean()).isCloseTo(-0.5, within(1e-9));
    }

    @Test
    void negativeAlphasAreTriedOnlyIfAsked() throws IOException {
        DoubleUnaryOperator score = NoisyCurve.hump(-0.5, 1);

        SearchResult without = AlphaSearch.run(SearchOptions.bracketing(), NoisyCurve.exact(score));
        SearchResult with = AlphaSearch.run(SearchOptions.bracketing().withNegative(true), NoisyCurve.exact(score));

        assertThat(best(without)).isZero();
        assertThat(alphas(without)).allMatch(alpha -> alpha >= 0);
        assertThat(best(with)).isBetween(-0.6f, -0.4f);
        assertThat(alphas(with)).contains(-1f).allMatch(alpha -> alpha >= -1);
    }

    @Test
    void bestKeepsTheBoundsAndComesCloseToThem() throws IOException {
        // the length is 1 + alpha / 10, so that alpha 3 is at the bound
        SearchOptions bounded = SearchOptions.bracketing().withBounds(List.of(GuardBound.atMost("length", 1.3)));

        SearchResult result = AlphaSearch.run(bounded, NoisyCurve.exact(alpha -> alpha));

        assertThat(best(result)).isBetween(2.4f, 3f);
        assertThat(result.trials())
                .allSatisfy(trial -> assertThat(trial.isAllowed()).isEqualTo(trial.alpha() <= 3));
        assertThat(alphas(result)).contains(4f).doesNotContain(8f);
        assertThat(result.trials().getLast().violated()).hasToString("[length <= 1.3]");
        assertThat(result.edge()).as("the scores rise on").contains(Edge.BOUND);
        assertThat(result.maximum()).isEmpty();
        assertThat(result.highest()).isEqualTo(result.best());
    }

    @Test
    void peakBesideABoundIsAMaximum() throws IOException {
        SearchOptions bounded = SearchOptions.bracketing().withBounds(List.of(GuardBound.atMost("length", 1.3)));

        SearchResult result = AlphaSearch.run(bounded, NoisyCurve.exact(NoisyCurve.hump(2, 1)));

        assertThat(result.edge()).isEmpty();
        assertThat(result.maximum()).isEqualTo(result.highest()).isPresent();
    }

    @Test
    void plateauIsAMaximumIfTheScoresFallBehindIt() throws IOException {
        DoubleUnaryOperator plateau = alpha -> alpha < 1 ? 0 : alpha <= 3 ? 1 : 0.5;

        SearchResult result = AlphaSearch.run(SearchOptions.grid(4f, 1f, 3f, 2f), NoisyCurve.exact(plateau));
        assertThat(result.edge()).isEmpty();
        assertThat(result.maximum().orElseThrow().alpha()).isEqualTo(1);

        SearchResult cut = AlphaSearch.run(SearchOptions.grid(1f, 2f, 3f), NoisyCurve.exact(plateau));
        assertThat(cut.edge()).as("it may rise on behind it").contains(Edge.RANGE);

        // the length is 1 + alpha / 10
        List<GuardBound> bounds = List.of(GuardBound.atMost("length", 1.25));
        SearchResult bounded =
                AlphaSearch.run(SearchOptions.grid(1f, 2f, 3f, 4f).withBounds(bounds), NoisyCurve.exact(plateau));
        assertThat(bounded.edge()).as("3 is as high, and excluded").contains(Edge.BOUND);
        SearchResult below =
                AlphaSearch.run(SearchOptions.grid(1f, 2f, 4f).withBounds(bounds), NoisyCurve.exact(plateau));
        assertThat(below.edge()).as("4 is lower").isEmpty();
    }

    @Test
    void lastAlphaOfAGridIsNoMaximum() throws IOException {
        SearchResult rising = AlphaSearch.run(SearchOptions.grid(1f, 2f), NoisyCurve.exact(alpha -> alpha));
        SearchResult falling = AlphaSearch.run(SearchOptions.grid(-1f, 2f), NoisyCurve.exact(alpha -> -alpha));
        SearchResult none = AlphaSearch.run(SearchOptions.grid(-1f, 2f), NoisyCurve.exact(alpha -> -alpha * alpha));

        assertThat(rising.edge()).contains(Edge.RANGE);
        assertThat(falling.edge()).contains(Edge.RANGE);
        assertThat(falling.highest().orElseThrow().alpha()).isEqualTo(-1);
        assertThat(none.edge()).isEmpty();
        assertThat(none.maximum().orElseThrow().alpha()).isZero();
    }

    @Test
    void startIsLookedAtFirstAndTheWalkGoesUpFromIt() throws IOException {
        NoisyCurve curve = NoisyCurve.exact(alpha -> alpha);

        AlphaSearch.run(SearchOptions.bracketing().withStart(7), curve);

        assertThat(curve.asked()).containsExactly(0f, 7f, 14f, 28f, 32f);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1.5, 8, 25})
    void searchThatStartsFarFromThePeakFindsIt(double peak) throws IOException {
        DoubleUnaryOperator score = NoisyCurve.hump(peak, 1);
        for (float start : List.of(0.2f, 1f, 9f, 32f)) {
            SearchResult result = AlphaSearch.run(
                    SearchOptions.bracketing().withStart(start).withMaxEvaluations(30), NoisyCurve.exact(score));

            assertThat(score.applyAsDouble(best(result))).as("from %s", start).isGreaterThan(0.9);
        }
    }

    @Test
    void startThatIsTooFarIsLeftInQuarters() throws IOException {
        NoisyCurve curve = NoisyCurve.exact(alpha -> alpha <= 0.5 ? alpha : -alpha);

        SearchResult result = AlphaSearch.run(SearchOptions.bracketing().withStart(9), curve);

        assertThat(curve.asked()).startsWith(0f, 9f, 2.3f, 0.56f, 0.14f);
        assertThat(best(result)).isBetween(0.3f, 0.5f);
    }

    @Test
    void startOutsideTheRangeIsRefused() {
        assertThatThrownBy(() -> SearchOptions.bracketing().withStart(33))
                .hasMessage("start is 33.0, expected more than 0 and at most maxAlpha, 32.0");
        assertThatThrownBy(() -> SearchOptions.bracketing().withStart(0)).hasMessageContaining("more than 0");
    }

    @Test
    void riseIsCountedFromTheAlignedModel() throws IOException {
        // the length is 1 + alpha / 10
        SearchOptions bounded =
                SearchOptions.grid(1f, 2f, 4f).withBounds(List.of(GuardBound.risesAtMost("length", 0.25)));

        SearchResult result = AlphaSearch.run(bounded, NoisyCurve.exact(alpha -> alpha));

        assertThat(best(result)).isEqualTo(2);
    }

    @Test
    void marginThatRisesWhileFewerPairsAreInOrderIsNotFollowed() throws IOException {
        // every margin grows with alpha; from 4 on, one pair after the other turns
        Evaluator margins = alpha -> {
            List<Double> scores = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                boolean isTurned = i < 5 * Math.max(0, alpha - 2);
                scores.add(isTurned ? -0.1 : 1 + alpha + i / 100.0);
            }
            return new Evaluation(alpha, scores, Map.of("accuracy", 1 - Math.max(0, alpha - 2) / 20.0), List.of());
        };
        SearchOptions options = SearchOptions.grid(8f, 4f, 2f, 1f);
        List<GuardBound> bound = List.of(GuardBound.accuracyHolds(2));

        assertThat(best(AlphaSearch.run(options, margins))).isEqualTo(8);
        SearchResult result = AlphaSearch.run(options.withBounds(bound), margins);

        assertThat(best(result))
                .as("8 and 4 came first, and are excluded by what came later")
                .isEqualTo(2);
        assertThat(result.trials().getLast().violated()).hasToString("[accuracy >= its best closer to 0 - 2.0 errors]");
    }

    @Test
    void knownEvaluationsWithoutABoundedGuardAreDoneAgain() throws IOException {
        NoisyCurve curve = NoisyCurve.exact(alpha -> alpha);
        List<Evaluation> known = List.of(new Evaluation(0, List.of(0.0, 0.0), Map.of(), List.of()));

        AlphaSearch.run(
                SearchOptions.grid(1f).withBounds(List.of(GuardBound.atMost("length", 2))),
                curve,
                known,
                AlphaSearch.Listener.none());

        assertThat(curve.asked()).containsExactly(0f, 1f);
    }

    @Test
    void boundBelowTheFirstStepIsApproachedToo() throws IOException {
        SearchOptions bounded = SearchOptions.bracketing().withBounds(List.of(GuardBound.atMost("length", 1.005)));

        SearchResult result = AlphaSearch.run(bounded, NoisyCurve.exact(alpha -> alpha));

        assertThat(best(result)).isEqualTo(0.041f);
    }

    @Test
    void boundsThatNothingKeepsLeaveNoBest() throws IOException {
        SearchOptions bounded = SearchOptions.grid(1f, 2f).withBounds(List.of(GuardBound.atLeast("length", 9)));

        SearchResult result = AlphaSearch.run(bounded, NoisyCurve.exact(alpha -> alpha));

        assertThat(result.best()).isEmpty();
        assertThat(result.maximum()).isEmpty();
        assertThat(result.trials()).hasSize(3);
    }

    @Test
    void alignedModelOutsideTheBoundsDoesNotStopTheWalk() throws IOException {
        SearchOptions bounded = SearchOptions.bracketing().withBounds(List.of(GuardBound.atLeast("length", 1.05)));

        SearchResult result = AlphaSearch.run(bounded, NoisyCurve.exact(NoisyCurve.hump(2, 1)));

        assertThat(best(result)).isBetween(1.6f, 2.5f);
    }

    @Test
    void guardThatIsNotANumberIsOutOfBounds() {
        Evaluation broken = new Evaluation(1, List.of(1.0), Map.of("kl", Double.NaN), List.of());

        assertThat(GuardBound.atMost("kl", 5).isMet(broken, broken, List.of())).isFalse();
        assertThat(GuardBound.atLeast("kl", 5).isMet(broken, broken, List.of())).isFalse();
        assertThatThrownBy(() -> GuardBound.atMost("top1", 1).isMet(broken, broken, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("top1 is bounded but was not measured at alpha 1.0; measured were [kl]");
    }

    @Test
    void evaluationsAreLimited() throws IOException {
        SearchResult result = AlphaSearch.run(
                SearchOptions.bracketing().withMaxEvaluations(4), NoisyCurve.exact(NoisyCurve.hump(8, 1)));

        assertThat(alphas(result)).containsExactly(0f, 0.1f, 0.25f, 0.5f);
        assertThat(result.end()).isEqualTo(End.EVALUATIONS_USED);
        assertThat(best(result)).isEqualTo(0.5f);
    }

    @Test
    void holdoutChoosesOnEvenPromptsAndReportsTheOdd() throws IOException {
        // even prompts say that alpha 1 is best, odd prompts that alpha 2 is
        Evaluator torn = alpha -> new Evaluation(
                alpha,
                List.of(alpha == 1 ? 5.0 : 0.0, 6.0 * alpha, alpha == 1 ? 5.2 : 0.0, 6.2 * alpha),
                Map.of(),
                List.of());

        SearchResult result = AlphaSearch.run(SearchOptions.grid(1f, 2f).withHoldout(true), torn);

        Trial best = result.best().orElseThrow();
        assertThat(best.alpha()).isEqualTo(1);
        assertThat(best.score().mean()).isCloseTo(5.1, within(1e-9));
        assertThat(best.reportedScore().mean()).isCloseTo(6.1, within(1e-9));
        assertThat(best.reportedDifference().mean()).isCloseTo(6.1, within(1e-9));
        SearchResult onAll = AlphaSearch.run(SearchOptions.grid(1f, 2f), torn);
        assertThat(onAll.highest().orElseThrow().alpha()).isEqualTo(2);
    }

    @Test
    void holdoutTakesTheLuckOutOfTheReport() throws IOException {
        double chosen = 0;
        double reported = 0;
        SearchOptions grid = SearchOptions.grid(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);
        for (int seed = 0; seed < SEEDS; seed++) {
            Trial highest = AlphaSearch.run(grid.withHoldout(true), NoisyCurve.of(alpha -> 0, seed))
                    .highest()
                    .orElseThrow();
            chosen += highest.difference().mean() / SEEDS;
            reported += highest.reportedDifference().mean() / SEEDS;
        }
        assertThat(chosen).as("the maximum of noise").isGreaterThan(0.08);
        assertThat(Math.abs(reported)).isLessThan(0.03);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 9, 12})
    void stoppedSearchGoesOnWhereItWas(int stopAfter) throws IOException {
        DoubleUnaryOperator score = NoisyCurve.hump(2.5, 1);
        NoisyCurve whole = NoisyCurve.of(score, 7);
        SearchResult expected = AlphaSearch.run(SearchOptions.bracketing(), whole);
        List<Evaluation> known = new ArrayList<>();
        for (float alpha :
                whole.asked().subList(0, Math.min(stopAfter, whole.asked().size()))) {
            known.add(NoisyCurve.of(score, 7).evaluate(alpha));
        }
        NoisyCurve rest = NoisyCurve.of(score, 7);

        SearchResult resumed = AlphaSearch.run(SearchOptions.bracketing(), rest, known, AlphaSearch.Listener.none());

        assertThat(resumed).isEqualTo(expected);
        assertThat(rest.asked())
                .isEqualTo(whole.asked().subList(known.size(), whole.asked().size()));
    }

    @Test
    void evaluationsOfOtherPromptsAreRefused() {
        Evaluator forgetful =
                alpha -> new Evaluation(alpha, alpha == 0 ? List.of(1.0, 2.0) : List.of(1.0), Map.of(), List.of());

        assertThatThrownBy(() -> AlphaSearch.run(SearchOptions.grid(1f), forgetful))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 scores and 2, expected those of the same prompts");
    }

    @Test
    void singlePromptTellsNothingApart() throws IOException {
        Evaluator single = alpha -> new Evaluation(alpha, List.of((double) alpha), Map.of(), List.of());

        SearchResult result = AlphaSearch.run(SearchOptions.grid(1f, 2f), single);

        assertThat(best(result)).isZero();
        assertThat(result.highest().orElseThrow().alpha()).isEqualTo(2);
    }

    @Test
    void standardErrorIsThatOfTheMean() {
        Estimate estimate = Estimate.of(List.of(1.0, 2.0, 3.0, 4.0));

        assertThat(estimate.mean()).isEqualTo(2.5);
        assertThat(estimate.error()).isCloseTo(Math.sqrt(5.0 / 3 / 4), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"alpha", "maxAlpha", "maxEvaluations", "score"})
    void numbersAreChecked(String what) {
        assertThatThrownBy(() -> {
                    switch (what) {
                        case "alpha" -> SearchOptions.grid(Float.NaN);
                        case "maxAlpha" -> SearchOptions.bracketing().withMaxAlpha(0);
                        case "maxEvaluations" -> SearchOptions.bracketing().withMaxEvaluations(0);
                        default -> new Evaluation(1, List.of(1.0, Double.NaN), Map.of(), List.of());
                    }
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(what)
                .hasMessageContaining("expected");
    }
}
