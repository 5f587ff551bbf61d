package io.github.expogguf.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Plain Java first, SIMD code once it is warm; one choice for all, so that what warms up does so once. */
public final class SwitchingFloatKernels {

    private static final float[] NUMBERS = Switching.numbers(4096);

    private static final Switching<FloatKernels> SWITCHING =
            new Switching<>(new ScalarFloatKernels(), () -> new VectorFloatKernels(), SwitchingFloatKernels::exercise);

    private SwitchingFloatKernels() {}

    /** Plain Java, or SIMD code where there has been enough work and the vector module is there. */
    public static FloatKernels choose(long count) {
        return SWITCHING.choose(count);
    }

    private static Object exercise(FloatKernels kernels) {
        int count = NUMBERS.length;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
            MemorySegment halves = arena.allocate((long) count * Short.BYTES, Float.BYTES);
            long bad = kernels.f32ToF16(count, floats, halves);
            kernels.f16ToF32(count, halves, floats);
            bad += kernels.f32ToBf16(count, floats, halves);
            kernels.bf16ToF32(count, halves, floats);
            bad += kernels.countFrom(FloatKernels.NON_FINITE, count, floats);
            return new Object[] {bad, floats.toArray(ValueLayout.JAVA_FLOAT)};
        }
    }
}
