package io.github.expogguf.compare.realised;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every adder gives the bits of a loop that adds one weight after the other at its place. */
abstract class StepAdderContract {

    abstract StepAdder adder();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 511, 512, 513, 1024, 4096 + 17, 65_536})
    void addsAtPlaces(int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment aligned = arena.allocate(Float.BYTES * (long) count);
            MemorySegment extrapolated = arena.allocate(aligned.byteSize());
            MemorySegment written = arena.allocate(aligned.byteSize());
            SplittableRandom random = new SplittableRandom(count);
            double[][] expected = someSums();
            for (int i = 0; i < count; i++) {
                float weight = (float) (random.nextGaussian() * Math.exp(random.nextInt(-80, 80)));
                float target = weight + (float) (weight * 0.1 * random.nextGaussian());
                float result = weight + (float) (weight * 0.2 * random.nextGaussian());
                aligned.setAtIndex(JAVA_FLOAT_UNALIGNED, i, weight);
                extrapolated.setAtIndex(JAVA_FLOAT_UNALIGNED, i, target);
                written.setAtIndex(JAVA_FLOAT_UNALIGNED, i, result);
                double step = target - weight;
                double change = result - weight;
                int place = i % StepAdder.PLACES;
                expected[StepAdder.STEP_SQUARES][place] += step * step;
                expected[StepAdder.STEP_ALIGNED][place] += step * weight;
                expected[StepAdder.ALIGNED_SQUARES][place] += (double) weight * weight;
                expected[StepAdder.CHANGE_STEP][place] += change * step;
                expected[StepAdder.CHANGE_ALIGNED][place] += change * weight;
                expected[StepAdder.CHANGE_SQUARES][place] += change * change;
            }
            double[][] sums = someSums();
            adder().add(count, aligned, extrapolated, written, sums);
            assertThat(sums).isDeepEqualTo(expected);
        }
    }

    /** What was added before stays. */
    private static double[][] someSums() {
        double[][] sums = new double[StepAdder.SUMS][StepAdder.PLACES];
        for (int i = 0; i < StepAdder.PLACES; i++) {
            sums[i % StepAdder.SUMS][i] = i;
        }
        return sums;
    }
}
