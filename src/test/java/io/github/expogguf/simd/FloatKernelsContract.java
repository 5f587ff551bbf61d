package io.github.expogguf.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.GgmlCalls;
import io.github.expogguf.quant.cases.Bits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation does; the oracle is ggml, called directly. */
abstract class FloatKernelsContract {

    /** Fewer than a vector, vectors of 4, 8 and 16 lanes and one more or less, strips of 1024 and one more or less. */
    private static final int[] COUNTS = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 1023, 1024, 1025, 3001};

    abstract FloatKernels kernels();

    @Test
    @Tag("native")
    void widensEveryF16AsGgmlDoes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment halves = Bits.allShorts(arena);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 1 << 16);
            kernels().f16ToF32(1 << 16, halves, floats);
            assertWidened(halves, floats, ggmlDequantize(arena, GgmlType.F16, halves));
        }
    }

    @Test
    @Tag("native")
    void widensEveryBf16AsGgmlDoes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment halves = Bits.allShorts(arena);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 1 << 16);
            kernels().bf16ToF32(1 << 16, halves, floats);
            assertWidened(halves, floats, ggmlDequantize(arena, GgmlType.BF16, halves));
        }
    }

    @Test
    @Tag("native")
    void narrowsToF16AsGgmlDoes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = Bits.awkwardFloats(arena);
            long count = floats.byteSize() / Float.BYTES;
            MemorySegment halves = arena.allocate(JAVA_SHORT, count);
            long nonFinite = kernels().f32ToF16(count, floats, halves);
            assertNarrowed(floats, halves, ggmlQuantize(arena, GgmlType.F16, floats));
            assertThat(nonFinite).isEqualTo(countShorts(halves, 0x7c00)).isPositive();
        }
    }

    @Test
    @Tag("native")
    void narrowsToBf16AsGgmlDoes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = Bits.awkwardFloats(arena);
            long count = floats.byteSize() / Float.BYTES;
            MemorySegment halves = arena.allocate(JAVA_SHORT, count);
            long nonFinite = kernels().f32ToBf16(count, floats, halves);
            assertNarrowed(floats, halves, ggmlQuantize(arena, GgmlType.BF16, floats));
            assertThat(nonFinite).isEqualTo(countShorts(halves, 0x7f80)).isPositive();
        }
    }

    @Test
    void everyFiniteHalfSurvivesTheWayThereAndBack() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment halves = Bits.allShorts(arena);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 1 << 16);
            MemorySegment back = arena.allocate(JAVA_SHORT, 1 << 16);
            kernels().f16ToF32(1 << 16, halves, floats);
            assertThat(kernels().f32ToF16(1 << 16, floats, back)).isEqualTo(2 * 1024);
            assertSurvived(halves, back, 0x7c00);
            kernels().bf16ToF32(1 << 16, halves, floats);
            assertThat(kernels().f32ToBf16(1 << 16, floats, back)).isEqualTo(2 * 128);
            assertSurvived(halves, back, 0x7f80);
        }
    }

    @Test
    void roundsHalvesToNearestAndTiesToEven() {
        // independent of ggml: the JDK's own conversion, for all that is not NaN
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = Bits.awkwardFloats(arena);
            long count = floats.byteSize() / Float.BYTES;
            MemorySegment halves = arena.allocate(JAVA_SHORT, count);
            kernels().f32ToF16(count, floats, halves);
            for (long i = 0; i < count; i++) {
                float value = floats.getAtIndex(JAVA_FLOAT, i);
                short expected = Float.floatToFloat16(value);
                if (!Float.isNaN(value) && halves.getAtIndex(JAVA_SHORT, i) != expected) {
                    assertThat(halves.getAtIndex(JAVA_SHORT, i)).as("%a", value).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void writesExactlyTheTarget() {
        Random random = new Random(1);
        for (int count : COUNTS) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = arena.allocate(JAVA_FLOAT, count);
                MemorySegment halves = arena.allocate(JAVA_SHORT, count);
                for (int i = 0; i < count; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
                    halves.setAtIndex(JAVA_SHORT, i, (short) random.nextInt());
                }
                Bits.Guarded asFloats = Bits.Guarded.allocate(arena, (long) count * Float.BYTES);
                Bits.Guarded asHalves = Bits.Guarded.allocate(arena, (long) count * Short.BYTES);
                kernels().f16ToF32(count, halves, asFloats.inner());
                for (int i = 0; i < count; i++) {
                    float expected = ScalarFloatKernels.f16ToF32(halves.getAtIndex(JAVA_SHORT, i));
                    assertThat(asFloats.inner().getAtIndex(JAVA_INT, i)).isEqualTo(Float.floatToRawIntBits(expected));
                }
                kernels().bf16ToF32(count, halves, asFloats.inner());
                for (int i = 0; i < count; i++) {
                    int expected = halves.getAtIndex(JAVA_SHORT, i) << 16;
                    assertThat(asFloats.inner().getAtIndex(JAVA_INT, i)).isEqualTo(expected);
                }
                kernels().f32ToF16(count, floats, asHalves.inner());
                for (int i = 0; i < count; i++) {
                    short expected = Float.floatToFloat16(floats.getAtIndex(JAVA_FLOAT, i));
                    assertThat(asHalves.inner().getAtIndex(JAVA_SHORT, i)).isEqualTo(expected);
                }
                kernels().f32ToBf16(count, floats, asHalves.inner());
                for (int i = 0; i < count; i++) {
                    short expected = ScalarFloatKernels.f32ToBf16(floats.getAtIndex(JAVA_FLOAT, i));
                    assertThat(asHalves.inner().getAtIndex(JAVA_SHORT, i)).isEqualTo(expected);
                }
                assertThat(asFloats.isIntact())
                        .as("guard bytes, %d floats", count)
                        .isTrue();
                assertThat(asHalves.isIntact())
                        .as("guard bytes, %d halves", count)
                        .isTrue();
            }
        }
    }

    @Test
    void readsAndWritesAtAnyByteAddress() {
        try (Arena arena = Arena.ofConfined()) {
            int count = 37;
            MemorySegment halves = arena.allocate(2L * count + 1, 64).asSlice(1);
            MemorySegment floats = arena.allocate(4L * count + 1, 64).asSlice(1);
            MemorySegment back = arena.allocate(2L * count + 3, 64).asSlice(3);
            for (int i = 0; i < 2 * count; i++) {
                halves.set(JAVA_BYTE, i, (byte) (i % 2 == 0 ? i : 0x3c));
            }
            kernels().f16ToF32(count, halves, floats);
            kernels().f32ToF16(count, floats, back);
            assertThat(back.mismatch(halves)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0xff80_0000, 0xff80_0001, 0xffff_ffff})
    void countsWhatIsNotFiniteWhereverItIs(int bits) {
        for (int count : COUNTS) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = arena.allocate(JAVA_FLOAT, count);
                for (int i = 0; i < count; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, i % 2 == 0 ? Float.MAX_VALUE : -Float.MIN_VALUE);
                }
                assertThat(Finite.countNonFinite(kernels(), floats, count)).isZero();
                for (int i = 0; i < count; i += Math.max(1, count / 17)) {
                    int before = floats.getAtIndex(JAVA_INT, i);
                    floats.setAtIndex(JAVA_INT, i, bits);
                    assertThat(Finite.countNonFinite(kernels(), floats, count)).isEqualTo(1);
                    floats.setAtIndex(JAVA_INT, i, before);
                }
                for (int i = 0; i < count; i++) {
                    floats.setAtIndex(JAVA_INT, i, bits);
                }
                assertThat(Finite.countNonFinite(kernels(), floats, count)).isEqualTo(count);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7f80_0000, 0x7f80_0001, 0xff80_0000, 0xffff_ffff, 0x7f7f_ffff, 0xff7f_ffff})
    void countsResultsThatAreNotFiniteWhereverTheyAre(int bits) {
        float value = Float.intBitsToFloat(bits);
        for (int count : COUNTS) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = arena.allocate(JAVA_FLOAT, count);
                MemorySegment halves = arena.allocate(JAVA_SHORT, count);
                for (int i = 0; i < count; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, i % 2 == 0 ? 65504 : -0.1f);
                }
                assertThat(kernels().f32ToF16(count, floats, halves)).isZero();
                assertThat(kernels().f32ToBf16(count, floats, halves)).isZero();
                for (int i = 0; i < count; i += Math.max(1, count / 17)) {
                    float before = floats.getAtIndex(JAVA_FLOAT, i);
                    floats.setAtIndex(JAVA_INT, i, bits);
                    assertThat(kernels().f32ToF16(count, floats, halves)).isEqualTo(1);
                    assertThat(halves.getAtIndex(JAVA_SHORT, i)).isEqualTo(ScalarFloatKernels.f32ToF16(value));
                    assertThat(kernels().f32ToBf16(count, floats, halves)).isEqualTo(1);
                    assertThat(halves.getAtIndex(JAVA_SHORT, i)).isEqualTo(ScalarFloatKernels.f32ToBf16(value));
                    floats.setAtIndex(JAVA_FLOAT, i, before);
                }
            }
        }
    }

    @Test
    void countsMagnitudesFromALimitOn() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats =
                    arena.allocateFrom(JAVA_FLOAT, 0f, -0f, 1f, -2f, Math.nextDown(2f), 2f, Float.NaN, -1e38f, 3f);
            int two = Float.floatToRawIntBits(2f);
            assertThat(kernels().countFrom(two, 9, floats)).isEqualTo(5);
            assertThat(kernels().countFrom(0, 9, floats)).isEqualTo(9);
        }
    }

    private static MemorySegment ggmlDequantize(Arena arena, GgmlType type, MemorySegment source) {
        long count = source.byteSize() / type.blockBytes();
        MemorySegment target = arena.allocate(JAVA_FLOAT, count);
        GgmlCalls.dequantize(GgmlCalls.toFloat(type), source, target, count);
        return target;
    }

    private static MemorySegment ggmlQuantize(Arena arena, GgmlType type, MemorySegment source) {
        long count = source.byteSize() / Float.BYTES;
        MemorySegment target = arena.allocate(count * type.blockBytes(), 64);
        long written = GgmlCalls.quantize(type, source, target, 1, count, MemorySegment.NULL);
        assertThat(written).isEqualTo(target.byteSize());
        return target;
    }

    private static void assertWidened(MemorySegment halves, MemorySegment actual, MemorySegment expected) {
        long at = actual.mismatch(expected) / Float.BYTES;
        assertThat(actual.mismatch(expected))
                .as(() -> "%04x gives %08x, ggml has %08x"
                        .formatted(
                                halves.getAtIndex(JAVA_SHORT, at),
                                actual.getAtIndex(JAVA_INT, at),
                                expected.getAtIndex(JAVA_INT, at)))
                .isEqualTo(-1);
    }

    private static void assertNarrowed(MemorySegment floats, MemorySegment actual, MemorySegment expected) {
        long at = actual.mismatch(expected) / Short.BYTES;
        assertThat(actual.mismatch(expected))
                .as(() -> "%08x gives %04x, ggml has %04x"
                        .formatted(
                                floats.getAtIndex(JAVA_INT, at),
                                actual.getAtIndex(JAVA_SHORT, at),
                                expected.getAtIndex(JAVA_SHORT, at)))
                .isEqualTo(-1);
    }

    private static void assertSurvived(MemorySegment halves, MemorySegment back, int infinity) {
        for (int i = 0; i < 1 << 16; i++) {
            if ((i & 0x7fff) <= infinity && back.getAtIndex(JAVA_SHORT, i) != halves.getAtIndex(JAVA_SHORT, i)) {
                assertThat(back.getAtIndex(JAVA_SHORT, i)).as("%04x", i).isEqualTo(halves.getAtIndex(JAVA_SHORT, i));
            }
        }
    }

    private static long countShorts(MemorySegment halves, int infinity) {
        short[] all = halves.toArray(JAVA_SHORT);
        return java.util.stream.IntStream.range(0, all.length)
                .filter(i -> (all[i] & 0x7fff) >= infinity)
                .count();
    }
}
