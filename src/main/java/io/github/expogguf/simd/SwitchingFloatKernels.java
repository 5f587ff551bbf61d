package io.github.expogguf.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Plain Java first, SIMD code once it is warm. */
final class SwitchingFloatKernels implements FloatKernels {

    private static final int EXERCISE_ELEMENTS = 4096;

    private final Warming<FloatKernels> warming =
            new Warming<>(new ScalarFloatKernels(), () -> new VectorFloatKernels(), SwitchingFloatKernels::exercise);

    private static void exercise(FloatKernels kernels) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(EXERCISE_ELEMENTS * Float.BYTES, Float.BYTES);
            MemorySegment halves = arena.allocate(EXERCISE_ELEMENTS * Short.BYTES, Float.BYTES);
            kernels.f16ToF32(EXERCISE_ELEMENTS, halves, floats);
            kernels.f32ToF16(EXERCISE_ELEMENTS, floats, halves);
            kernels.bf16ToF32(EXERCISE_ELEMENTS, halves, floats);
            kernels.f32ToBf16(EXERCISE_ELEMENTS, floats, halves);
            kernels.countFrom(NON_FINITE, EXERCISE_ELEMENTS, floats);
        }
    }

    @Override
    public void f16ToF32(long count, MemorySegment source, MemorySegment target) {
        warming.choose(count).f16ToF32(count, source, target);
    }

    @Override
    public long f32ToF16(long count, MemorySegment source, MemorySegment target) {
        return warming.choose(count).f32ToF16(count, source, target);
    }

    @Override
    public void bf16ToF32(long count, MemorySegment source, MemorySegment target) {
        warming.choose(count).bf16ToF32(count, source, target);
    }

    @Override
    public long f32ToBf16(long count, MemorySegment source, MemorySegment target) {
        return warming.choose(count).f32ToBf16(count, source, target);
    }

    @Override
    public long countFrom(int magnitudeBits, long count, MemorySegment floats) {
        return warming.choose(count).countFrom(magnitudeBits, count, floats);
    }
}
