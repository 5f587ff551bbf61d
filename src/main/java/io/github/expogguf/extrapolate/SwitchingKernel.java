package io.github.expogguf.extrapolate;

import io.github.expogguf.simd.Switching;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;

/** Plain Java first, SIMD code once it is warm. */
record SwitchingKernel(Extrapolation extrapolation) implements ExtrapolationKernel {

    private static final float[] NUMBERS = Switching.numbers(4096);

    /** How a kernel is made; one choice for every alpha, since they share the code that has to be warm. */
    private static final Switching<Function<Extrapolation, ExtrapolationKernel>> SWITCHING =
            new Switching<>(ScalarKernel::new, () -> VectorKernel::new, SwitchingKernel::exercise);

    private static Object exercise(Function<Extrapolation, ExtrapolationKernel> factory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment aligned = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
            MemorySegment sft = arena.allocate(aligned.byteSize(), Float.BYTES);
            factory.apply(new Extrapolation(0.3f)).extrapolate(NUMBERS.length, sft, aligned, aligned);
            return aligned.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Override
    public void extrapolate(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        SWITCHING.choose(count).apply(extrapolation).extrapolate(count, sft, aligned, target);
    }
}
