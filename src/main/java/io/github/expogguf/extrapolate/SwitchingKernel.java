package io.github.expogguf.extrapolate;

import io.github.expogguf.simd.Switching;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Plain Java first, SIMD code once it is warm. */
record SwitchingKernel(float alpha) implements ExtrapolationKernel {

    private static final float[] NUMBERS = Switching.numbers(4096);

    /** How a kernel is made; one choice for every alpha, since they share the code that has to be warm. */
    private static final Switching<Maker> SWITCHING =
            new Switching<>(ScalarKernel::new, () -> VectorKernel::new, SwitchingKernel::exercise);

    private interface Maker {

        ExtrapolationKernel of(float alpha);
    }

    private static Object exercise(Maker kernel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment aligned = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
            MemorySegment sft = arena.allocate(aligned.byteSize(), Float.BYTES);
            kernel.of(0.3f).extrapolate(NUMBERS.length, sft, aligned, aligned);
            return aligned.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Override
    public void extrapolate(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        SWITCHING.choose(count).of(alpha).extrapolate(count, sft, aligned, target);
    }
}
