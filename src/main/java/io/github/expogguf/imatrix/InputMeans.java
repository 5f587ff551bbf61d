package io.github.expogguf.imatrix;

import java.util.Arrays;

/** From sums of squares to weights: the means, as llama-quantize of llama.cpp v0.5.0 computes them. */
final class InputMeans {

    private InputMeans() {}

    /**
     * Divides sums, in place.
     *
     * @param sums   of each expert as many
     * @param counts of each expert, a divisor of the number of sums
     */
    static float[] divide(float[] sums, float[] counts) {
        int rowLength = sums.length / counts.length;
        for (int expert = 0; expert < counts.length; expert++) {
            int start = expert * rowLength;
            float count = inputs(counts[expert]);
            if (count > 0) {
                for (int i = start; i < start + rowLength; i++) {
                    sums[i] /= count;
                }
            } else {
                Arrays.fill(sums, start, start + rowLength, 1); // an expert that was never asked
            }
        }
        return sums;
    }

    /** Experts that were never asked. */
    static int countUnasked(float[] counts) {
        int unasked = 0;
        for (float count : counts) {
            unasked += inputs(count) > 0 ? 0 : 1;
        }
        return unasked;
    }

    private static float inputs(float count) {
        return Math.round((double) count);
    }
}
