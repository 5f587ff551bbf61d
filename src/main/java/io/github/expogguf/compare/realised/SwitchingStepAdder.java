package io.github.expogguf.compare.realised;

import io.github.expogguf.simd.Switching;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Plain Java first, SIMD code once it is warm; one choice for all, so that what warms up does so once. */
final class SwitchingStepAdder implements StepAdder {

    /** Plain Java spends about a thousandth of a microsecond more on a weight. */
    private static final long ELEMENTS_BEFORE = 1L << 29;

    private static final float[] NUMBERS = Switching.numbers(8 * PLACES);

    private static final Switching<StepAdder> SWITCHING = new Switching<>(
            ELEMENTS_BEFORE, new ScalarStepAdder(), () -> new VectorStepAdder(), SwitchingStepAdder::exercise);

    private static Object exercise(StepAdder adder) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment aligned = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
            MemorySegment others = arena.allocate(aligned.byteSize(), Float.BYTES);
            double[][] sums = new double[SUMS][PLACES];
            adder.add(NUMBERS.length, aligned, others, others, sums);
            return sums;
        }
    }

    @Override
    public void add(
            long count, MemorySegment aligned, MemorySegment extrapolated, MemorySegment written, double[][] sums) {
        SWITCHING.choose(count).add(count, aligned, extrapolated, written, sums);
    }
}
