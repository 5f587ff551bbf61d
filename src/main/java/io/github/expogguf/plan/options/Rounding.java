package io.github.expogguf.plan.options;

/** How the extrapolated weights of a tensor are rounded to what the target's type can hold. */
public sealed interface Rounding {

    /** To the nearest value, as llama-quantize does. */
    Rounding NEAREST = new Nearest();

    /** To the nearest value; a step of less than half the distance between two may be lost. */
    record Nearest() implements Rounding {}

    /**
     * Aligned weights to the nearest value, and from there the step up or down at random, so that its expectation is
     * right.
     *
     * @param seed chooses among the results; the same seed gives the same file
     */
    record Stochastic(long seed) implements Rounding {}

    /**
     * Divided first, then to the nearest value: for weights that are values of a type already, whose search for scales
     * would make them a little larger.
     *
     * @param divisor finite, above 0; the quotient is that of 32-bit floats
     */
    record Divided(float divisor) implements Rounding {

        /** Checks the divisor. */
        public Divided {
            if (!(divisor > 0 && divisor <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("a divisor of " + divisor + ", expected a finite number above 0");
            }
        }
    }
}
