package io.github.expogguf.quant;

/** How extrapolated weights are rounded to what the target's type can hold. */
public sealed interface Rounding {

    /** To the nearest value, as llama-quantize does. */
    Rounding NEAREST = new Nearest();

    /** To the nearest value; a step of less than half the distance between two may be lost. */
    record Nearest() implements Rounding {}

    /**
     * Aligned weights to the nearest value, and from there the step up or down at random, so that its expectation is right.
     *
     * @param seed chooses among the results; the same seed gives the same file
     */
    record Stochastic(long seed) implements Rounding {}
}
