package io.github.expogguf.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Loops over off-heap floats, as plain Java and as SIMD code with the same results bit for bit. Callers have checked
 * the segments: they are long enough and do not overlap. No state; any thread.
 */
public interface FloatKernels {

    /** Clears the sign of a float's bits. */
    int MAGNITUDE_MASK = 0x7fff_ffff;

    /** The bits of infinity; a magnitude of as much or more is infinite or NaN. */
    int NON_FINITE = 0x7f80_0000;

    /** IEEE binary16 to binary32; exact, and a signalling NaN becomes quiet ({@code ggml_compute_fp16_to_fp32}). */
    void f16ToF32(long count, MemorySegment source, MemorySegment target);

    /**
     * Binary32 to binary16, to nearest, ties to even; every NaN becomes {@code 0x7e00} with its sign
     * ({@code ggml_compute_fp32_to_fp16}).
     *
     * @return how many results are infinite or NaN
     */
    long f32ToF16(long count, MemorySegment source, MemorySegment target);

    /** The upper half of a binary32 to all of it; exact ({@code ggml_compute_bf16_to_fp32}). */
    void bf16ToF32(long count, MemorySegment source, MemorySegment target);

    /**
     * Binary32 to its upper half, to nearest, ties to even; a NaN is cut and made quiet
     * ({@code ggml_compute_fp32_to_bf16}).
     *
     * @return how many results are infinite or NaN
     */
    long f32ToBf16(long count, MemorySegment source, MemorySegment target);

    /**
     * Counts floats from a magnitude on; a NaN counts as larger than infinity.
     *
     * @param magnitudeBits bits of a positive float, {@link #NON_FINITE} for infinities and NaN
     */
    long countFrom(int magnitudeBits, long count, MemorySegment floats);

    /** Plain Java, or SIMD code where there has been enough work and the vector module is there. */
    static FloatKernels best(long count) {
        return Best.SWITCHING.choose(count);
    }

    /** One for all, so that what warms up does so once. */
    final class Best {

        private static final float[] NUMBERS = Switching.numbers(4096);

        private static final Switching<FloatKernels> SWITCHING =
                new Switching<>(new ScalarFloatKernels(), () -> new VectorFloatKernels(), Best::exercise);

        private Best() {}

        private static Object exercise(FloatKernels kernels) {
            int count = NUMBERS.length;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
                MemorySegment halves = arena.allocate((long) count * Short.BYTES, Float.BYTES);
                long bad = kernels.f32ToF16(count, floats, halves);
                kernels.f16ToF32(count, halves, floats);
                bad += kernels.f32ToBf16(count, floats, halves);
                kernels.bf16ToF32(count, halves, floats);
                bad += kernels.countFrom(NON_FINITE, count, floats);
                return new Object[] {bad, floats.toArray(ValueLayout.JAVA_FLOAT)};
            }
        }
    }
}
