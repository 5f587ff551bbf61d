package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.plan.options.RuleProfile;
import io.github.expogguf.plan.options.TensorAlphaRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProfileSearchTest {

    private static final AlphaProfile DEPTH = AlphaProfile.parse("depth");
    private static final AlphaProfile NO_NORMS = AlphaProfile.parse("no-norms");
    private static final int PROMPTS = 60;

    private final List<String> asked = new ArrayList<>();

    private ProfileEvaluator evaluator(ToDoubleBiFunction<AlphaProfile, Float> height, double noise, int seed) {
        return (profile, alpha) -> {
            asked.add(profile.name() + " " + alpha);
            Random difficulty = new Random(seed);
            Random luck = new Random(31L * seed + Float.hashCode(alpha) + profile.hashCode());
            List<Double> scores = IntStream.range(0, PROMPTS)
                    .mapToObj(_ -> height.applyAsDouble(profile, alpha)
                            + difficulty.nextGaussian()
                            + noise * luck.nextGaussian())
                    .toList();
            return new Evaluation(alpha, scores, Map.of("kl", 0.01 * alpha), List.of(), profile);
        };
    }

    private static double hill(double alpha, double peak) {
        double place = AlphaScale.position(alpha) - AlphaScale.position(peak);
        return -place * place;
    }

    private static SearchOptions trying(AlphaProfile... profiles) {
        return SearchOptions.builder()
                .profiles(List.of(profiles))
                .maxEvaluations(16 * (1 + profiles.length))
                .build();
    }

    @Test
    void profileThatIsBetterIsFoundAtItsOwnAlpha() throws IOException {
        ProfileSearchResult result = ProfileSearch.run(
                trying(NO_NORMS, DEPTH),
                evaluator((profile, alpha) -> profile.equals(DEPTH) ? 1 + hill(alpha, 8) : hill(alpha, 2), 0.3, 1));

        assertThat(result.isProfileChosen()).isTrue();
        Trial best = result.best().orElseThrow();
        assertThat(best.evaluation().profile()).isEqualTo(DEPTH);
        assertThat(best.alpha()).isBetween(5f, 12f);
        assertThat(result.uniform().best().orElseThrow().alpha()).isBetween(1f, 4f);
        assertThat(result.candidates())
                .extracting(ProfileSearchResult.Candidate::name)
                .containsExactly("no-norms", "depth");
        assertThat(result.candidates().get(1).advantage().orElseThrow().mean()).isEqualTo(1, within(0.2));
        assertThat(asked).doesNotHaveDuplicates().hasSize(result.trials().size());
        assertThat(asked.stream().filter(each -> each.endsWith(" 0.0"))).hasSize(1);
    }

    /** A narrow peak at 1.5 that one alpha for all, from 7.2 on, passes by; the same for all profiles. */
    private static double hidden(double alpha) {
        return alpha > 1.1 && alpha < 1.9 ? 1 : alpha > 2 ? -0.0005 * alpha : 0.006 * alpha;
    }

    /** Differences between prompts whose mean is 0 exactly, so that the search takes the same way always. */
    private static List<Double> balanced(long seed) {
        List<Double> signs = new ArrayList<>(Collections.nCopies(PROMPTS / 2, 0.05));
        signs.addAll(Collections.nCopies(PROMPTS / 2, -0.05));
        Collections.shuffle(signs, new Random(seed));
        return signs;
    }

    private ProfileSearchResult searchOfHidden(int maxEvaluations, double gain) throws IOException {
        return ProfileSearch.run(
                trying(DEPTH).toBuilder()
                        .start(7.2f)
                        .maxEvaluations(maxEvaluations)
                        .build(),
                (profile, alpha) -> {
                    asked.add(profile.name() + " " + alpha);
                    double height = hidden(alpha) + (profile.equals(DEPTH) ? gain * alpha : 0);
                    List<Double> scores = balanced(
                                    Float.hashCode(alpha) + 31L * profile.name().hashCode())
                            .stream()
                            .map(noise -> height + noise)
                            .toList();
                    return new Evaluation(alpha, scores, Map.of("kl", 0.01 * alpha), List.of(), profile);
                });
    }

    private static ProfileSearchResult.Verdict verdict(ProfileSearchResult result) {
        return result.candidates().getFirst().verdict();
    }

    @Test
    void profileDoesNotWinWhereOneAlphaForAllWasNotLookedAt() throws IOException {
        ProfileSearchResult result = searchOfHidden(32, 0);

        assertThat(asked).containsSubsequence("paper 7.2", "paper 0.75", "depth 1.5", "paper 1.5");
        assertThat(result.isProfileChosen()).isFalse();
        assertThat(verdict(result)).isEqualTo(ProfileSearchResult.Verdict.NOT_CHOSEN);
        assertThat(result.best()).isEqualTo(result.uniform().best());
        assertThat(result.best().orElseThrow().alpha()).isBetween(1.1f, 1.9f);
        assertThat(result.uniform().highest().orElseThrow().score().mean())
                .as("what depth has, and one alpha for all has it, too")
                .isCloseTo(
                        result.candidates()
                                .getFirst()
                                .highest()
                                .orElseThrow()
                                .score()
                                .mean(),
                        within(0.05));
    }

    @Test
    void profileThatIsBetterThanOneAlphaForAllInTheSamePlaceWins() throws IOException {
        ProfileSearchResult result = searchOfHidden(32, 0.3);

        assertThat(verdict(result)).isEqualTo(ProfileSearchResult.Verdict.CHOSEN);
        assertThat(result.best()).isEqualTo(result.candidates().getFirst().highest());
        float winner = result.best().orElseThrow().alpha();
        assertThat(result.uniform().trials()).extracting(Trial::alpha).contains(winner);
        assertThat(result.candidates().getFirst().advantage().orElseThrow().mean())
                .isLessThan(1);
    }

    @Test
    void profileDoesNotWinIfNoEvaluationsAreLeftToCompare() throws IOException {
        for (int most = 2; most < 32; most++) {
            asked.clear();
            ProfileSearchResult result = searchOfHidden(most, 1);

            assertThat(asked).hasSizeLessThanOrEqualTo(most);
            if (result.isProfileChosen()) {
                float winner = result.best().orElseThrow().alpha();
                assertThat(result.uniform().trials()).extracting(Trial::alpha).contains(winner);
                assertThat(result.uniform().end()).isNotEqualTo(SearchResult.End.EVALUATIONS_USED);
            } else {
                assertThat(result.best()).isEqualTo(result.uniform().best());
            }
        }
        assertThat(verdict(searchOfHidden(8, 1))).isEqualTo(ProfileSearchResult.Verdict.UNCONFIRMED);
        assertThat(verdict(searchOfHidden(32, 1))).isEqualTo(ProfileSearchResult.Verdict.CHOSEN);
    }

    @Test
    void chanceSeldomChoosesAProfile() throws IOException {
        int chosen = 0;
        for (int seed = 0; seed < 200; seed++) {
            ProfileSearchResult result = ProfileSearch.run(
                    trying(NO_NORMS, DEPTH, AlphaProfile.parse("attention-half")).toBuilder()
                            .gradient(true)
                            .build(),
                    evaluator((_, alpha) -> hill(alpha, 4), 0.5, seed));
            chosen += result.isProfileChosen() ? 1 : 0;
        }
        assertThat(chosen).as("of 200 searches where no profile is better").isLessThanOrEqualTo(8);
    }

    @Test
    void gradientIsFollowedFromTheBestAlphaForAll() throws IOException {
        ToDoubleBiFunction<AlphaProfile, Float> height = (profile, alpha) -> {
            double first = of(profile, 0) * alpha;
            double last = of(profile, 1) * alpha;
            return 4 + hill(first, 1) + hill(last, 3);
        };
        ProfileSearchResult result = ProfileSearch.run(
                SearchOptions.builder().gradient(true).maxEvaluations(40).build(), evaluator(height, 0.05, 3));

        Trial best = result.best().orElseThrow();
        assertThat(of(best.evaluation().profile(), 0) * best.alpha()).isEqualTo(1, within(0.3));
        assertThat(of(best.evaluation().profile(), 1) * best.alpha()).isEqualTo(3, within(0.5));
        assertThat(result.candidates().getFirst().name()).isEqualTo("gradient");
        assertThat(asked).hasSizeLessThan(30).doesNotHaveDuplicates();
    }

    private static double of(AlphaProfile profile, int end) {
        return profile.rules().isEmpty()
                ? 1
                : profile.rules().getFirst().alpha().points().get(end);
    }

    @Test
    void boundsHoldForProfilesToo() throws IOException {
        SearchOptions options = trying(DEPTH).toBuilder()
                .bounds(List.of(GuardBound.atMost("kl", 0.03)))
                .build();
        ProfileSearchResult result = ProfileSearch.run(
                options,
                evaluator((profile, alpha) -> profile.equals(DEPTH) ? 1 + hill(alpha, 8) : hill(alpha, 2), 0.1, 1));
        assertThat(result.trials()).filteredOn(Trial::isAllowed).allMatch(trial -> trial.alpha() <= 3);
        assertThat(result.best().orElseThrow().alpha()).isLessThanOrEqualTo(3);
    }

    private static ProfileSearchResult onGrid(
            SearchOptions options, ToDoubleBiFunction<AlphaProfile, Float> score, double depthShareOfKl)
            throws IOException {
        return ProfileSearch.run(options, (profile, alpha) -> {
            double share = profile.equals(DEPTH) ? depthShareOfKl : 1;
            return new Evaluation(
                    alpha,
                    Collections.nCopies(PROMPTS, score.applyAsDouble(profile, alpha)),
                    Map.of("kl", 0.01 * share * Math.abs(alpha)),
                    List.of(),
                    profile);
        });
    }

    /** As margins of preferences do: they rise with the step, and this profile steps less far. */
    @Test
    void profileWhoseBoundComesLaterIsNoBetterForThat() throws IOException {
        SearchOptions options = trying(DEPTH).toBuilder()
                .alphas(List.of(2f, 4f, 8f))
                .bounds(List.of(GuardBound.atMost("kl", 0.06)))
                .build();
        ProfileSearchResult result =
                onGrid(options, (profile, alpha) -> profile.equals(DEPTH) ? 0.95 * alpha : alpha, 0.5);

        assertThat(result.uniform().highest().orElseThrow().alpha()).isEqualTo(4);
        assertThat(result.candidates().getFirst().highest().orElseThrow().alpha())
                .isEqualTo(8);
        assertThat(result.candidates().getFirst().advantage().orElseThrow().mean())
                .isNegative();
        assertThat(result.isProfileChosen()).isFalse();
        assertThat(onGrid(options, (profile, alpha) -> profile.equals(DEPTH) ? 1.05 * alpha : alpha, 0.5)
                        .isProfileChosen())
                .isTrue();
    }

    @Test
    void ofEqualScoresOfAProfileTheOneClosestToZeroIsTaken() throws IOException {
        SearchOptions options =
                trying(DEPTH).toBuilder().alphas(List.of(-3f, 1f)).build();
        ProfileSearchResult result =
                onGrid(options, (profile, alpha) -> alpha == 0 ? 0d : profile.equals(DEPTH) ? 2d : 0.1, 1);

        assertThat(result.isProfileChosen()).isTrue();
        assertThat(result.best().orElseThrow().alpha()).isEqualTo(1);
    }

    @Test
    void saysWhereTheHighestOfAProfileIsNoMaximum() throws IOException {
        SearchOptions options =
                trying(DEPTH).toBuilder().alphas(List.of(1f, 3f, 7f)).build();
        ProfileSearchResult rising =
                onGrid(options, (profile, alpha) -> profile.equals(DEPTH) ? alpha : hill(alpha, 3), 1);
        ProfileSearchResult falling =
                onGrid(options, (profile, alpha) -> profile.equals(DEPTH) ? 9 + hill(alpha, 3) : hill(alpha, 3), 1);

        assertThat(rising.candidates().getFirst().edge()).contains(SearchResult.Edge.RANGE);
        assertThat(falling.candidates().getFirst().edge()).isEmpty();
    }

    @Test
    void evaluationsAreOfAllProfilesTogether() throws IOException {
        SearchOptions options = trying(NO_NORMS, DEPTH).toBuilder()
                .gradient(true)
                .maxEvaluations(12)
                .build();
        ProfileSearchResult result = ProfileSearch.run(options, evaluator((_, alpha) -> hill(alpha, 4), 0.01, 1));
        assertThat(asked).hasSizeBetween(8, 12);
        assertThat(result.candidates())
                .allSatisfy(candidate -> assertThat(candidate.trials()).hasSizeBetween(1, 6));
    }

    @Test
    void gridIsOfEveryProfileAndOfFourSlopes() throws IOException {
        SearchOptions options =
                trying(DEPTH).toBuilder().gradient(true).alphas(List.of(1f, 3f)).build();
        ProfileSearchResult result = ProfileSearch.run(options, evaluator((_, alpha) -> hill(alpha, 3), 0.1, 1));
        assertThat(asked)
                .containsExactly(
                        "paper 0.0",
                        "paper 1.0",
                        "paper 3.0",
                        "depth 1.0",
                        "depth 3.0",
                        "*2..0 1.0",
                        "*2..0 3.0",
                        "*1.5..0.5 1.0",
                        "*1.5..0.5 3.0",
                        "*0..2 1.0",
                        "*0..2 3.0");
        assertThat(result.looks()).as("depth is one of the slopes").isEqualTo(8);
        assertThat(result.errorsNeeded()).isCloseTo(2.87, within(0.01));
        assertThat(result.candidates().get(1).trials()).hasSize(8);
    }

    private static ProfileSearchResult looked(int looks, int prompts) throws IOException {
        List<Float> alphas =
                IntStream.rangeClosed(1, looks).mapToObj(i -> (float) i).toList();
        return ProfileSearch.run(
                trying(DEPTH).toBuilder().alphas(alphas).build(),
                (profile, alpha) -> new Evaluation(
                        alpha,
                        Collections.nCopies(prompts, alpha + (profile.equals(DEPTH) ? 1d : 0)),
                        Map.of(),
                        List.of(),
                        profile));
    }

    @Test
    void whatIsNeededDependsOnLooksAndPrompts() throws IOException {
        assertThat(looked(1, 10_000).errorsNeeded()).isCloseTo(2, within(0.001));
        assertThat(looked(26, 138).errorsNeeded()).isCloseTo(3.2, within(0.05));
        assertThat(looked(9, 12).errorsNeeded()).isCloseTo(3.5, within(0.05));
        assertThat(looked(9, 1).errorsNeeded()).isInfinite();
        assertThat(looked(1, 12).promptsNeeded()).isEqualTo(6);
        assertThat(looked(26, 12).promptsNeeded()).isEqualTo(11);
    }

    @Test
    void differencesThatAreAllTheSameAreNoCertainty() throws IOException {
        for (int prompts = 2; prompts < 12; prompts++) {
            ProfileSearchResult result = looked(2, prompts);
            assertThat(result.prompts()).isEqualTo(prompts);
            assertThat(result.candidates().getFirst().advantage()).contains(new Estimate(1, 0));
            assertThat(result.isProfileChosen()).as("with %s prompts", prompts).isEqualTo(prompts >= 7);
        }
    }

    @Test
    void gradientIsNamedByItsSlopeBesideAProfileThatIsTheSame() throws IOException {
        ProfileSearchResult result = ProfileSearch.run(
                trying(DEPTH).toBuilder().gradient(true).alphas(List.of(2f)).build(),
                evaluator((profile, _) -> profile.equals(DEPTH) ? 1 : 0, 0.01, 1));
        assertThat(result.candidates())
                .extracting(each ->
                        each.highest().orElseThrow().evaluation().profile().name())
                .containsExactly("depth", "*0.5..1.5");
        assertThat(result.looks()).isEqualTo(4);
    }

    @Test
    void goesOnFromWhatIsKnown() throws IOException {
        SearchOptions options =
                trying(DEPTH).toBuilder().gradient(true).maxEvaluations(24).build();
        ProfileEvaluator evaluator = evaluator((_, alpha) -> hill(alpha, 3), 0.2, 5);
        ProfileSearchResult whole = ProfileSearch.run(options, evaluator);
        List<Evaluation> known = whole.trials().stream().map(Trial::evaluation).toList();
        asked.clear();

        ProfileSearchResult again =
                ProfileSearch.run(options, evaluator, known.subList(0, known.size() - 3), AlphaSearch.Listener.none());

        assertThat(asked).hasSize(3);
        assertThat(again).isEqualTo(whole);
    }

    @Test
    void searchOfOneAlphaLeavesProfilesAside() throws IOException {
        Evaluation of = new Evaluation(1, List.of(9d, 9d), Map.of(), List.of(), DEPTH);
        SearchResult result = AlphaSearch.run(
                SearchOptions.grid(1),
                alpha -> new Evaluation(alpha, List.of(1d, 2d), Map.of(), List.of()),
                List.of(of),
                AlphaSearch.Listener.none());
        assertThat(result.trials()).extracting(trial -> trial.score().mean()).containsOnly(1.5);
        assertThatThrownBy(() -> AlphaSearch.run(trying(DEPTH), alpha -> of)).hasMessageContaining("ProfileSearch");
        assertThatThrownBy(() -> ProfileSearch.run(SearchOptions.bracketing(), (_, _) -> of))
                .hasMessage("neither profiles nor a gradient to try");
    }

    @Test
    void profilesAreTheirRules() {
        assertThat(AlphaProfile.parse("no-norms+depth").rules())
                .containsExactly(TensorAlphaRule.parse("norm=copy"), TensorAlphaRule.parse(".=*0.5..1.5"));
        assertThat(AlphaProfile.gradient(0.5f))
                .isEqualTo(DEPTH)
                .hasSameHashCodeAs(DEPTH)
                .extracting(AlphaProfile::rules)
                .isEqualTo(RuleProfile.DEPTH.rules());
        assertThat(DEPTH)
                .isEqualTo(AlphaProfile.parse("depth+depth"))
                .isEqualTo(AlphaProfile.parse("depth+no-norms"))
                .hasSameHashCodeAs(AlphaProfile.parse("depth+no-norms"))
                .isNotEqualTo(AlphaProfile.parse("no-norms+depth"));
        assertThat(AlphaProfile.gradient(-0.25f).name()).isEqualTo("*1.25..0.75");
        assertThat(AlphaProfile.gradient(0)).isSameAs(AlphaProfile.UNIFORM);
        assertThatThrownBy(() -> AlphaProfile.gradient(1.5f)).hasMessage("slope is 1.5, expected -1 to 1");
        assertThatThrownBy(() -> AlphaProfile.parse("depth+x")).hasMessageContaining("'x' is not a profile");
        assertThatThrownBy(() -> new AlphaProfile("mine", List.of(TensorAlphaRule.parse("ffn=0.3"))))
                .hasMessageContaining("rule ffn=0.3 holds at alpha 0");
    }
}
