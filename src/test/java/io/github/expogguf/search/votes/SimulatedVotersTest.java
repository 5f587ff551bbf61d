package io.github.expogguf.search.votes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** People who vote by the reward of the miniature family, with chance. */
class SimulatedVotersTest {

    private static final int VOTERS = 50;
    private static final int VOTES = 30;

    private static final Map<String, GuideVoters> PAIRS = GuideVoters.all();

    /** Sorted shares of the possible gain. */
    private static List<Double> gains(GuideVoters pair, double start, double liking) {
        ListeningOptions options = ListeningOptions.builder()
                .candidates(pair.alphas())
                .start(start)
                .build();
        return IntStream.range(0, VOTERS)
                .parallel()
                .mapToObj(voter ->
                        pair.gain(pair.listen(options, voter, VOTES, liking).best()))
                .sorted()
                .toList();
    }

    /** The starts are the alphas that lie 1.2 % of the SFT model's norm away. */
    @ParameterizedTest
    @CsvSource({"dpo-10, 9", "dpo-20, 7", "dpo-100, 1.2"})
    void halfOfTheVotersReachMostOfTheGain(String name, double start) {
        List<Double> gains = gains(PAIRS.get(name), start, 1);

        assertThat(gains.get(VOTERS / 2 - 1)).isGreaterThanOrEqualTo(0.8);
        assertThat(gains.getFirst()).as("never below the aligned model").isGreaterThan(-0.1);
    }

    @ParameterizedTest
    @CsvSource({"dpo-10, 9", "dpo-20, 7", "dpo-100, 1.2"})
    void whoLikesTheAlignedModelBestGetsIt(String name, double start) {
        List<Double> gains = gains(PAIRS.get(name), start, -1);

        assertThat(gains.get(VOTERS / 2 - 1)).isZero();
    }
}
