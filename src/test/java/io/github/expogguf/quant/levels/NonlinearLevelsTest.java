package io.github.expogguf.quant.levels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.quant.lanes.Lanes;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class NonlinearLevelsTest {

    private static final int[] LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** {@code best_index_int8} of ggml-quants.c, ggml 0.25.1. */
    private static int bestIndex(float x) {
        if (x <= LEVELS[0]) {
            return 0;
        }
        if (x >= LEVELS[15]) {
            return 15;
        }
        int lower = 0;
        int upper = 15;
        while (upper - lower > 1) {
            int middle = (lower + upper) / 2;
            if (x < LEVELS[middle]) {
                upper = middle;
            } else {
                lower = middle;
            }
        }
        return x - LEVELS[upper - 1] < LEVELS[upper] - x ? upper - 1 : upper;
    }

    private static void assertNearest(float x) {
        FloatVector numbers = FloatVector.broadcast(Lanes.FLOATS, x);
        int expected = bestIndex(x);
        assertThat(NonlinearLevels.nearestIndex(numbers).lane(0))
                .as("place for %s", x)
                .isEqualTo(expected);
        assertThat(NonlinearLevels.nearest(numbers).lane(0))
                .as("level for %s", x)
                .isEqualTo(LEVELS[expected]);
    }

    @Test
    void findsTheNearestLevelOnEitherSideOfEveryMiddleAndLevel() {
        for (int halves = -2 * 130; halves <= 2 * 130; halves++) {
            float x = 0.5f * halves;
            assertNearest(x);
            for (int steps = 1; steps <= 20; steps++) {
                int bits = Float.floatToRawIntBits(x);
                assertNearest(Float.intBitsToFloat(bits + steps));
                assertNearest(x == 0 ? -Float.MIN_VALUE * steps : Float.intBitsToFloat(bits - steps));
            }
        }
    }

    @Test
    void findsTheNearestLevelOfAnyNumber() {
        Random random = new Random(71);
        for (int i = 0; i < 20_000; i++) {
            assertNearest(random.nextFloat(-130, 130));
            float any = Float.intBitsToFloat(random.nextInt());
            assertNearest(Float.isNaN(any) ? Float.POSITIVE_INFINITY : any);
        }
        assertNearest(Float.NEGATIVE_INFINITY);
        assertNearest(-0f);
    }

    /** On this the search relies: it looks for the bucket once, and then only compares with its middle. */
    @Test
    void numbersThatTheStepsMoveStayAtTheSameMiddle() {
        for (float x = -127; x <= 127; x += 0.001f) {
            IntVector bucket = NonlinearLevels.bucket(FloatVector.broadcast(Lanes.FLOATS, x));
            float middle = NonlinearLevels.middle(bucket).lane(0);
            int lower = (int) NonlinearLevels.lower(bucket).lane(0);
            int upper = (int) NonlinearLevels.upper(bucket).lane(0);
            for (int step = -7; step <= 7; step++) {
                float moved = x * ((127 + step) / 127f);
                assertThat(moved >= middle ? upper : lower)
                        .as("%s from %s", moved, x)
                        .isEqualTo(LEVELS[bestIndex(moved)]);
            }
        }
    }

    @Test
    void tablesServeEveryLane() {
        float[] numbers = new float[16];
        for (int i = 0; i < 16; i++) {
            numbers[i] = LEVELS[15 - i] + 0.25f;
        }
        for (int first = 0; first < 16; first += Lanes.LANES) {
            FloatVector nearest = NonlinearLevels.nearest(FloatVector.fromArray(Lanes.FLOATS, numbers, first));
            for (int lane = 0; lane < Lanes.LANES; lane++) {
                assertThat(nearest.lane(lane)).isEqualTo(LEVELS[15 - first - lane]);
            }
        }
    }
}
