package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every kernel does: the formula, bit for bit, on awkward values and sizes. */
abstract class ExtrapolationKernelContract {

    private static final int[] COUNTS = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 256, 1023, 1024, 1025, 2085};

    private static final float[] AWKWARD = {
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        0x1p-126f,
        0x1.fffffcp-127f,
        1f,
        -1f,
        0.1f,
        1 / 3f,
        0x1.000002p0f,
        16777217f,
        65504f,
        1e20f,
        -1e20f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    abstract ExtrapolationKernel kernel(Extrapolation extrapolation);

    @ParameterizedTest
    @ValueSource(floats = {0f, -0f, 0.3f, 0.5f, 1f, -1f, 5f, 1e-40f, 1e30f, Float.MAX_VALUE})
    void agreesWithTheFormulaOnAwkwardPairs(float alpha) {
        Extrapolation extrapolation = new Extrapolation(alpha);
        int count = AWKWARD.length * AWKWARD.length;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sft = arena.allocate(JAVA_FLOAT, count);
            MemorySegment aligned = arena.allocate(JAVA_FLOAT, count);
            MemorySegment target = arena.allocate(JAVA_FLOAT, count);
            for (int i = 0; i < count; i++) {
                sft.setAtIndex(JAVA_FLOAT, i, AWKWARD[i % AWKWARD.length]);
                aligned.setAtIndex(JAVA_FLOAT, i, AWKWARD[i / AWKWARD.length]);
            }
            kernel(extrapolation).extrapolate(count, sft, aligned, target);
            assertFormula(alpha, count, sft, aligned, target);
        }
    }

    @Test
    void doesNotFuseTheMultiplicationWithTheAddition() {
        // aligned + alpha * delta, rounded once, is another number than rounded twice for many of these
        Random random = new Random(3);
        int count = 4096;
        int fusedDiffers = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sft = gaussian(arena, random, count);
            MemorySegment aligned = gaussian(arena, random, count);
            MemorySegment target = arena.allocate(JAVA_FLOAT, count);
            for (int round = 0; round < 50; round++) { // long enough for the optimizing compiler to have its say
                kernel(new Extrapolation(0.3f)).extrapolate(count, sft, aligned, target);
            }
            assertFormula(0.3f, count, sft, aligned, target);
            for (int i = 0; i < count; i++) {
                float delta = aligned.getAtIndex(JAVA_FLOAT, i) - sft.getAtIndex(JAVA_FLOAT, i);
                float fused = Math.fma(0.3f, delta, aligned.getAtIndex(JAVA_FLOAT, i));
                fusedDiffers += fused == target.getAtIndex(JAVA_FLOAT, i) ? 0 : 1;
            }
        }
        assertThat(fusedDiffers).isGreaterThan(100);
    }

    @Test
    void writesExactlyTheTarget() {
        Random random = new Random(4);
        for (int count : COUNTS) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment sft = gaussian(arena, random, count);
                MemorySegment aligned = gaussian(arena, random, count);
                MemorySegment whole = gaussian(arena, random, count + 32);
                MemorySegment before = arena.allocate(whole.byteSize(), 4).copyFrom(whole);
                MemorySegment target = whole.asSlice(16 * Float.BYTES, (long) count * Float.BYTES);
                kernel(new Extrapolation(1.5f)).extrapolate(count, sft, aligned, target);
                assertFormula(1.5f, count, sft, aligned, target);
                target.copyFrom(before.asSlice(16 * Float.BYTES, target.byteSize()));
                assertThat(whole.mismatch(before))
                        .as("bytes around %d floats", count)
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void mayWriteOverEitherSource() {
        Random random = new Random(5);
        int count = 1029;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sft = gaussian(arena, random, count);
            MemorySegment aligned = gaussian(arena, random, count);
            MemorySegment expected = arena.allocate(JAVA_FLOAT, count);
            ExtrapolationKernel kernel = kernel(new Extrapolation(0.7f));
            kernel.extrapolate(count, sft, aligned, expected);
            MemorySegment overSft = arena.allocate(JAVA_FLOAT, count).copyFrom(sft);
            kernel.extrapolate(count, overSft, aligned, overSft);
            assertThat(overSft.mismatch(expected)).isEqualTo(-1);
            MemorySegment overAligned = arena.allocate(JAVA_FLOAT, count).copyFrom(aligned);
            kernel.extrapolate(count, sft, overAligned, overAligned);
            assertThat(overAligned.mismatch(expected)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, 0.3f, -1f, 1e-45f, 1e38f})
    void whatIsNotFiniteInASourceIsNotFiniteInTheResult(float alpha) {
        float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(JAVA_FLOAT);
            MemorySegment other = arena.allocate(JAVA_FLOAT);
            MemorySegment target = arena.allocate(JAVA_FLOAT);
            for (float value : bad) {
                for (float partner : AWKWARD) {
                    one.set(JAVA_FLOAT, 0, value);
                    other.set(JAVA_FLOAT, 0, partner);
                    kernel(new Extrapolation(alpha)).extrapolate(1, one, other, target);
                    assertThat(target.get(JAVA_FLOAT, 0)).isNotFinite();
                    kernel(new Extrapolation(alpha)).extrapolate(1, other, one, target);
                    assertThat(target.get(JAVA_FLOAT, 0)).isNotFinite();
                }
            }
        }
    }

    @Test
    void refusesSegmentsThatDoNotFit() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment four = arena.allocate(JAVA_FLOAT, 4);
            MemorySegment five = arena.allocate(JAVA_FLOAT, 5);
            MemorySegment other = arena.allocate(JAVA_FLOAT, 5);
            ExtrapolationKernel kernel = kernel(new Extrapolation(1));
            assertRefused(() -> kernel.extrapolate(5, four, five, other), "sft has 16 bytes, expected at least 20");
            assertRefused(() -> kernel.extrapolate(5, five, four, other), "aligned has 16 bytes, expected at least 20");
            assertRefused(() -> kernel.extrapolate(5, five, other, four), "target has 16 bytes, expected at least 20");
            assertRefused(() -> kernel.extrapolate(-1, five, five, other), "count -1 is negative");
            assertRefused(() -> kernel.extrapolate(4, five, five, other.asReadOnly()), "target is read-only");
            MemorySegment shifted = five.asSlice(4);
            assertRefused(
                    () -> kernel.extrapolate(4, five, other, shifted),
                    "sft overlaps the target without being the same segment");
            assertRefused(
                    () -> kernel.extrapolate(4, other, five, shifted),
                    "aligned overlaps the target without being the same segment");
        }
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static MemorySegment gaussian(Arena arena, Random random, int count) {
        MemorySegment floats = arena.allocate(JAVA_FLOAT, count);
        for (int i = 0; i < count; i++) {
            floats.setAtIndex(JAVA_FLOAT, i, (float) (0.02 * random.nextGaussian()));
        }
        return floats;
    }

    /** Through double and back: a sum or product of two floats is rounded once more, to the same float. */
    private static void assertFormula(
            float alpha, int count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        for (int i = 0; i < count; i++) {
            double from = sft.getAtIndex(JAVA_FLOAT, i);
            double to = aligned.getAtIndex(JAVA_FLOAT, i);
            float delta = (float) (to - from);
            float step = (float) ((double) alpha * (double) delta);
            float expected = (float) (to + (double) step);
            int actual = target.getAtIndex(JAVA_INT, i);
            // which payload a NaN carries is up to the processor
            boolean same = Float.isNaN(expected)
                    ? Float.isNaN(Float.intBitsToFloat(actual))
                    : Float.floatToRawIntBits(expected) == actual;
            assertThat(same)
                    .as("sft %a, aligned %a give %a, expected %a", from, to, Float.intBitsToFloat(actual), expected)
                    .isTrue();
        }
    }
}
