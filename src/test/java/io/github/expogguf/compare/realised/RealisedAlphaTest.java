package io.github.expogguf.compare.realised;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RealisedAlphaTest {

    private static final int COUNT = 100_003; // no whole number of strips

    private final Random random = new Random(7);
    private final float[] aligned = gaussian(0.07);
    private final float[] delta = gaussian(1e-4);

    private float[] gaussian(double rms) {
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float) (rms * random.nextGaussian());
        }
        return values;
    }

    private interface Written {
        double at(int i);
    }

    private TensorStep step(double alpha, Written written) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(4L * COUNT, 4);
            MemorySegment to = arena.allocate(4L * COUNT, 4);
            MemorySegment result = arena.allocate(4L * COUNT, 4);
            for (int i = 0; i < COUNT; i++) {
                from.setAtIndex(JAVA_FLOAT, i, aligned[i]);
                to.setAtIndex(JAVA_FLOAT, i, (float) (aligned[i] + alpha * delta[i]));
                result.setAtIndex(JAVA_FLOAT, i, (float) written.at(i));
            }
            return new TensorStep(
                    "a", GgmlType.F16, GgmlType.Q4_K, (float) alpha, 1, StepSums.of(COUNT, from, to, result));
        }
    }

    @Test
    void isAlphaWhereEverythingArrives() {
        RealisedAlpha all =
                RealisedAlpha.of(step(0.3, i -> aligned[i] + 0.3 * delta[i])).orElseThrow();
        assertThat(all.realised()).isEqualTo(all.planned()).isCloseTo(0.3, within(1e-7));
        assertThat(all.error()).isZero();
        assertThat(all.standardError()).isZero();
        assertThat(all.isLow()).isFalse();
    }

    @Test
    void isWhatArrives() {
        RealisedAlpha some =
                RealisedAlpha.of(step(0.3, i -> aligned[i] + 0.2 * delta[i])).orElseThrow();
        assertThat(some.realised()).isCloseTo(0.2, within(1e-4));
        assertThat(some.isLow()).isTrue();
        assertThat(some.error()).isCloseTo(1e-5, within(1e-6));
    }

    @Test
    void isNothingWhereTheAlignedModelWasWritten() {
        RealisedAlpha none = RealisedAlpha.of(step(0.3, i -> aligned[i])).orElseThrow();
        assertThat(none.realised()).isZero();
        assertThat(none.isLow()).isTrue();
    }

    @Test
    void doesNotTakeTheShrinkingOfAllWeightsForAStep() {
        for (int i = 0; i < COUNT; i++) {
            delta[i] += 1e-4f * aligned[i]; // a cosine of 0.07 with the weights
        }
        RealisedAlpha shrunk = RealisedAlpha.of(step(0.3, i -> 0.997 * aligned[i] + 0.3 * delta[i]))
                .orElseThrow();
        assertThat(shrunk.realised()).isCloseTo(0.3, within(1e-3));
        assertThat(shrunk.factor()).isCloseTo(0.997, within(1e-5));
        StepSums sums = step(0.3, i -> 0.997 * aligned[i] + 0.3 * delta[i]).sums();
        assertThat(0.3 * sums.changeStep() / sums.stepSquares())
                .as("the plain projection")
                .isLessThan(0.2);
    }

    @Test
    void measuresAMereChangeOfScale() {
        for (int i = 0; i < COUNT; i++) {
            delta[i] = 0.01f * aligned[i];
        }
        RealisedAlpha all =
                RealisedAlpha.of(step(0.3, i -> aligned[i] + 0.15 * delta[i])).orElseThrow();
        assertThat(all.realised()).isCloseTo(0.15, within(1e-3));
        assertThat(all.factor()).isEqualTo(1);
    }

    @Test
    void tellsTheGrowthOfAllWeightsFromTheStep() {
        RealisedAlpha grown = RealisedAlpha.of(step(0.3, i -> 1.033 * aligned[i] + 0.2 * delta[i]))
                .orElseThrow();
        assertThat(grown.factor()).isCloseTo(1.033, within(1e-5));
        assertThat(grown.realised()).isCloseTo(0.2, within(1e-3));
    }

    @Test
    void doesNotCallLowWhatMayBeChance() {
        Random noise = new Random(3);
        RealisedAlpha noisy = RealisedAlpha.of(
                        step(0.3, i -> aligned[i] + 0.3 * delta[i] + 0.02 * noise.nextGaussian()))
                .orElseThrow();
        double expected = 0.02 / (Math.sqrt(COUNT) * 1e-4);
        assertThat(noisy.standardError()).isCloseTo(expected, within(0.02 * expected));
        assertThat(Math.abs(noisy.realised() - 0.3)).isLessThan(4 * expected);
        assertThat(noisy.isLow()).isFalse();
    }

    @Test
    void weighsTensorsByTheirDeltas() {
        TensorStep whole = step(0.5, i -> aligned[i] + 0.5 * delta[i]);
        TensorStep none = step(0.1, i -> aligned[i]);
        RealisedAlpha both = RealisedAlpha.of(List.of(whole, none)).orElseThrow();
        assertThat(both.planned()).isCloseTo(0.3, within(1e-3));
        assertThat(both.realised()).isCloseTo(0.25, within(1e-3));
        assertThat(both.elements()).isEqualTo(2L * COUNT);
    }

    @Test
    void isEmptyWhereTheModelsDoNotDiffer() {
        assertThat(RealisedAlpha.of(step(0, i -> aligned[i]))).isEmpty();
        assertThat(RealisedAlpha.of(List.of())).isEmpty();
    }
}
