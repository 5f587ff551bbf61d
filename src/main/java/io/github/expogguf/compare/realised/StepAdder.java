package io.github.expogguf.compare.realised;

import java.lang.foreign.MemorySegment;

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
}
