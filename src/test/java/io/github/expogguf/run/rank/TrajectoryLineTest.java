package io.github.expogguf.run.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.extrapolate.TrajectoryFit;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrajectoryLineTest {

    private static TrajectoryFit of(int size, Products products) {
        double[][] gram = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                gram[i][j] = products.of(i + 1, j + 1);
            }
        }
        List<Double> steps =
                IntStream.rangeClosed(1, size).mapToObj(i -> (double) i).toList();
        return TrajectoryLine.of(steps, gram);
    }

    /** Of two deltas. */
    private interface Products {
        double of(int one, int other);
    }

    /**
     * Independent steps in very many dimensions: deltas have the steps in common that came before both. The first
     * direction's coefficients are a quarter of a sine wave and hold 8 / pi^2, and a line fits that well; only the
     * checkpoint that is held out shows that nothing goes on.
     */
    @Test
    void aRandomWalkLooksLikeALineUntilItIsHeldOut() {
        TrajectoryFit walk = of(100, Math::min);
        double quarter = 4 / (Math.PI * Math.PI);
        assertThat(walk.share()).isCloseTo(2 * quarter, within(0.001));
        assertThat(walk.rSquared().orElseThrow())
                .isCloseTo(Math.pow(quarter - 1 / Math.PI, 2) * 12 / (0.5 - quarter), within(0.001)); // 0.959
        assertThat(TrajectoryFit.missed(List.of(walk)).orElseThrow()).isGreaterThan(2);
    }

    @Test
    void aLineIsOne() {
        TrajectoryFit line = of(5, (one, other) -> one * other);
        assertThat(line.share()).isCloseTo(1, within(1e-12));
        assertThat(line.rSquared().orElseThrow()).isCloseTo(1, within(1e-12));
        assertThat(TrajectoryFit.missed(List.of(line)).orElseThrow()).isLessThan(1e-6);
    }
}
