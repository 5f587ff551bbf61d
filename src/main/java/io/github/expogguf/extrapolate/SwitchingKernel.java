package io.github.expogguf.extrapolate;

import io.github.expogguf.simd.Warming;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** Plain Java first, SIMD code once it is warm. */
record SwitchingKernel(Extrapolation extrapolation) implements ExtrapolationKernel {

    private static final int EXERCISE_ELEMENTS = 4096;

    /** How a kernel is made; one choice for every alpha, since they share the code that has to be warm. */
    private interface Factory extends Function<Extrapolation, ExtrapolationKernel> {}

    /** Keeps vector classes from being linked before the module is known to be there. */
    private static final class Vectors {
        static Factory factory() {
            return VectorKernel::new;
        }
    }

    private static final Warming<Factory> WARMING =
            new Warming<>(ScalarKernel::new, Vectors::factory, SwitchingKernel::exercise);

    private static void exercise(Factory factory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sft = arena.allocate(EXERCISE_ELEMENTS * Float.BYTES, Float.BYTES);
            MemorySegment aligned = arena.allocate(EXERCISE_ELEMENTS * Float.BYTES, Float.BYTES);
            factory.apply(new Extrapolation(0.3f)).extrapolate(EXERCISE_ELEMENTS, sft, aligned, aligned);
        }
    }

    @Override
    public void extrapolate(long count, MemorySegment sft, MemorySegment aligned, MemorySegment target) {
        WARMING.choose(count).apply(extrapolation).extrapolate(count, sft, aligned, target);
    }
}
