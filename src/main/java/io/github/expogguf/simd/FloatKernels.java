package io.github.expogguf.simd;

import java.lang.foreign.MemorySegment;

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
}
