package io.github.expogguf.search.votes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.search.AlphaScale;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ListeningTest {

    private static final List<Float> ALPHAS = Candidates.upTo(8, 8);
    private static final ListeningOptions OPTIONS =
            ListeningOptions.builder().candidates(ALPHAS).start(2).build();

    private static Vote vote(float left, float right, Verdict verdict) {
        return Vote.of(left, right, verdict, "Why?", 0);
    }

    @Test
    void withoutVotesTheAlignedModelIsTakenAndNothingIsSure() {
        Listening listening = Listening.of(OPTIONS, List.of());

        assertThat(listening.best()).isZero();
        assertThat(listening.isSure()).isFalse();
        assertThat(listening.curve()).allSatisfy(point -> {
            assertThat(point.mean()).isZero();
            assertThat(point.isHeard()).isFalse();
        });
        assertThat(listening.next(List.of())).isEqualTo(new AlphaPair(0, OPTIONS.start()));
    }

    @Test
    void whatWinsIsTaken() {
        List<Vote> votes = Collections.nCopies(12, vote(0, OPTIONS.start(), Verdict.RIGHT));

        Listening listening = Listening.of(OPTIONS, votes);

        assertThat(listening.best()).isPositive();
        assertThat(listening.probabilityAboveAligned()).isGreaterThan(0.95);
    }

    @Test
    void nothingBeyondWhatWasHeardIsTaken() {
        float heard = ALPHAS.get(3);
        List<Vote> votes = Collections.nCopies(20, vote(heard, 0, Verdict.LEFT));

        Listening listening = Listening.of(OPTIONS, votes);

        assertThat(listening.curve().getLast().mean())
                .as("where nobody listened, the curve may be higher")
                .isPositive();
        assertThat(listening.best()).isEqualTo(heard);
    }

    @Test
    void amongEqualsTheAlignedModelIsTaken() {
        List<Vote> votes = Collections.nCopies(30, vote(0, ALPHAS.getLast(), Verdict.SAME));

        assertThat(Listening.of(OPTIONS, votes).best()).isZero();
    }

    @Test
    void answersThatNobodyHeardCountAsSame() {
        Vote identical = Vote.identical(0, ALPHAS.getLast(), "Why?", 0);

        Listening listening = Listening.of(OPTIONS, List.of(identical));

        assertThat(listening.heard()).isZero();
        assertThat(listening.curve().getLast().isHeard()).isFalse();
        assertThat(listening.curve().getLast().deviation())
                .isLessThan(Listening.of(OPTIONS, List.of()).curve().getLast().deviation());
    }

    @Test
    void sidesDoNotMatter() {
        Listening listening =
                Listening.of(OPTIONS, List.of(vote(0, 8, Verdict.RIGHT), vote(ALPHAS.get(4), 8, Verdict.LEFT)));
        Listening mirrored =
                Listening.of(OPTIONS, List.of(vote(8, 0, Verdict.LEFT), vote(8, ALPHAS.get(4), Verdict.RIGHT)));

        assertThat(mirrored.best()).isEqualTo(listening.best());
        for (int i = 0; i < ALPHAS.size(); i++) {
            assertThat(mirrored.curve().get(i).mean())
                    .isCloseTo(listening.curve().get(i).mean(), within(1e-9));
        }
    }

    @Test
    void sameVotesGiveTheSame() {
        List<Vote> votes = List.of(vote(0, 8, Verdict.RIGHT), vote(8, ALPHAS.get(4), Verdict.RIGHT));

        Listening first = Listening.of(OPTIONS, votes);
        Listening second = Listening.of(OPTIONS, votes);

        assertThat(second.curve()).isEqualTo(first.curve());
        assertThat(second.next(List.of())).isEqualTo(first.next(List.of()));
        assertThat(second.certainty()).isEqualTo(first.certainty());
    }

    @Test
    void whatIsAskedAboutIsNotAskedAgain() {
        Listening listening = Listening.of(OPTIONS, List.of(vote(0, 8, Verdict.RIGHT)));
        List<AlphaPair> asked = new ArrayList<>();
        for (int i = 0; i < ALPHAS.size() * (ALPHAS.size() - 1) / 2; i++) {
            asked.add(listening.next(asked));
        }

        assertThat(asked).doesNotHaveDuplicates();
        assertThatIllegalArgumentException().isThrownBy(() -> listening.next(asked));
    }

    @Test
    void votesOnOtherAlphasSayNothing() {
        Listening listening = Listening.of(OPTIONS, List.of(vote(0, 7.77f, Verdict.RIGHT)));

        assertThat(listening.curve()).isEqualTo(Listening.of(OPTIONS, List.of()).curve());
    }

    /** Many votes drawn from a curve give the curve back, as surely as the model says. */
    @Test
    void curveIsFound() {
        Random random = new Random(3);
        List<Vote> votes = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            float left = ALPHAS.get(random.nextInt(ALPHAS.size()));
            float right = ALPHAS.get(random.nextInt(ALPHAS.size()));
            if (left != right) {
                double difference = quality(left) - quality(right);
                double drawn = random.nextDouble();
                double first = VoteModel.probability(Verdict.LEFT, difference, -0.5);
                double second = VoteModel.probability(Verdict.RIGHT, difference, -0.5);
                votes.add(vote(
                        left,
                        right,
                        drawn < first ? Verdict.LEFT : drawn < first + second ? Verdict.RIGHT : Verdict.SAME));
            }
        }

        Listening listening = Listening.of(OPTIONS, votes);

        assertThat(listening.curve())
                .allSatisfy(point -> assertThat(point.mean())
                        .isCloseTo(quality(point.alpha()) - quality(0), within(3 * point.deviation() + 1e-6)));
        assertThat(listening.curve().getLast().deviation()).isLessThan(0.15);
        assertThat(listening.isSure()).isTrue();
        assertThat(listening.expectedLoss()).isLessThan(0.05);
    }

    /** A hump at alpha 2. */
    private static double quality(float alpha) {
        double away = AlphaScale.position(alpha) - AlphaScale.position(2);
        return Math.exp(-away * away / 3);
    }

    @Test
    void verdictsAreAllThereIs() {
        double sum = 0;
        for (Verdict verdict : Verdict.values()) {
            sum += VoteModel.probability(verdict, 1.3, 0.2);
        }

        assertThat(sum).isCloseTo(1, within(1e-12));
        assertThat(VoteModel.probability(Verdict.LEFT, 0.4, -50)).isCloseTo(0.6, within(0.002));
    }

    @Test
    void refusesWhatIsNoComparison() {
        assertThatIllegalArgumentException().isThrownBy(() -> vote(1, 1, Verdict.LEFT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Vote(0, 1, Verdict.LEFT, "Why?", 0, false))
                .withMessageContaining("nobody was asked");
        assertThatIllegalArgumentException().isThrownBy(() -> new AlphaPair(1, 0));
    }

    @Test
    void refusesCandidatesThatDoNotBeginWithTheAlignedModel() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ListeningOptions.builder().candidates(List.of(0.5f, 1f)).build())
                .withMessageContaining("expected 0 and larger ones");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ListeningOptions.builder()
                        .candidates(List.of(0f, 2f, 1f))
                        .build());
    }

    @Test
    void candidatesAreEvenOnTheScaleAndEndAtTheLargest() {
        assertThat(Candidates.upTo(12, 12))
                .containsExactly(0f, 0.049f, 0.12f, 0.23f, 0.39f, 0.64f, 1f, 1.5f, 2.3f, 3.5f, 5.3f, 8f, 12f);
        assertThatIllegalArgumentException().isThrownBy(() -> Candidates.upTo(0, 12));
    }
}
