package io.github.expogguf.search.votes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
    private static List<Double> gains(GuideVoters pair, double start, int votes, double liking) {
        ListeningOptions options = ListeningOptions.builder()
                .candidates(pair.alphas())
                .start(start)
                .build();
        return IntStream.range(0, VOTERS)
                .parallel()
                .mapToObj(voter ->
                        pair.gain(pair.listen(options, voter, votes, liking).best()))
                .sorted()
                .toList();
    }

    private static double median(List<Double> sorted) {
        return sorted.get(VOTERS / 2 - 1);
    }

    /** The starts are the alphas that lie 1.2 % of the SFT model's norm away. */
    @ParameterizedTest
    @CsvSource({"dpo-10, 9", "dpo-20, 7", "dpo-100, 1.2"})
    void halfOfTheVotersReachMostOfTheGain(String name, double start) throws IOException {
        GuideVoters pair = PAIRS.get(name);
        List<Double> gains = gains(pair, start, VOTES, 1);

        assertThat(median(gains)).isGreaterThanOrEqualTo(0.8);
        assertThat(gains.getFirst()).as("never below the aligned model").isGreaterThan(-0.1);
        String row = String.format(
                Locale.ROOT,
                "| %s %% | %.0f %% | %.0f %% | %.0f %% |",
                name.substring(name.indexOf('-') + 1),
                100 * median(gains(pair, start, 10, 1)),
                100 * median(gains(pair, start, 20, 1)),
                100 * median(gains));
        assertThat(Files.readString(Path.of("docs", "listen.md"))).contains(row);
    }

    @ParameterizedTest
    @CsvSource({"dpo-10, 9", "dpo-20, 7", "dpo-100, 1.2"})
    void whoLikesTheAlignedModelBestGetsIt(String name, double start) {
        List<Double> gains = gains(PAIRS.get(name), start, VOTES, -1);

        assertThat(median(gains)).isZero();
    }
}
