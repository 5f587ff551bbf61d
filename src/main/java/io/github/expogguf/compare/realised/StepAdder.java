package io.github.expogguf.compare.realised;

import io.github.expogguf.simd.Switching;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The loops of {@link StepSums}, as plain Java and as SIMD code with the same results bit for bit: weight {@code i} is
 * added at place {@code i} modulo {@link #PLACES}, in order. No state; any thread.
 */
interface StepAdder {

    /**
     * So many that the compiler turns plain loops over them into SIMD code; what belongs to them stays in the L1 cache.
     */
    int PLACES = 512;

    // numbers of the sums
    int STEP_SQUARES = 0;
    int STEP_ALIGNED = 1;
    int ALIGNED_SQUARES = 2;
    int CHANGE_STEP = 3;
    int CHANGE_ALIGNED = 4;
    int CHANGE_SQUARES = 5;
    int SUMS = 6;

    /**
     * Adds the products of some weights.
     *
     * @param aligned      {@code count} floats, native order
     * @param extrapolated as many
     * @param written      as many
     * @param sums         {@code [SUMS][PLACES]}
     */
    void add(long count, MemorySegment aligned, MemorySegment extrapolated, MemorySegment written, double[][] sums);

    /** Plain Java, or SIMD code where there has been enough work and the vector module is there. */
    static StepAdder best(long count) {
        return Best.SWITCHING.choose(count);
    }

    /** One for all, so that what warms up does so once. */
    final class Best {

        /** Plain Java spends about a thousandth of a microsecond more on a weight. */
        private static final long ELEMENTS_BEFORE = 1L << 29;

        private static final float[] NUMBERS = Switching.numbers(8 * PLACES);

        private static final Switching<StepAdder> SWITCHING =
                new Switching<>(ELEMENTS_BEFORE, new ScalarStepAdder(), () -> new VectorStepAdder(), Best::exercise);

        private Best() {}

        private static Object exercise(StepAdder adder) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment aligned = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
                MemorySegment others = arena.allocate(aligned.byteSize(), Float.BYTES);
                double[][] sums = new double[SUMS][PLACES];
                adder.add(NUMBERS.length, aligned, others, others, sums);
                return sums;
            }
        }
    }
}
