package io.github.expogguf.run.rank;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.extrapolate.Parametrisation;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The products of all pairs of deltas from one first checkpoint, summed in binary64, always in the same order.
 *
 * @param sums of pair (i, j) with i at least j at {@code i * (i + 1) / 2 + j}
 */
record GramSums(double[] sums) {

    private static final int STRIP = 1024;

    /** Of so many deltas, before any element. */
    static GramSums zero(int deltas) {
        return new GramSums(new double[deltas * (deltas + 1) / 2]);
    }

    /**
     * Over some elements.
     *
     * @param first floats of the first checkpoint, {@code count}
     * @param later as many of each later one
     */
    static GramSums of(Parametrisation function, long count, MemorySegment first, List<MemorySegment> later) {
        GramSums total = zero(later.size());
        double[][] deltas = new double[later.size()][STRIP];
        for (long done = 0; done < count; done += STRIP) {
            int length = (int) Math.min(STRIP, count - done);
            for (int i = 0; i < deltas.length; i++) {
                for (int at = 0; at < length; at++) {
                    deltas[i][at] = function.difference(
                            first.getAtIndex(JAVA_FLOAT, done + at),
                            later.get(i).getAtIndex(JAVA_FLOAT, done + at));
                }
            }
            total.add(deltas, length);
        }
        return total;
    }

    private void add(double[][] deltas, int length) {
        int pair = 0;
        for (int i = 0; i < deltas.length; i++) {
            for (int j = 0; j <= i; j++) {
                sums[pair++] += product(deltas[i], deltas[j], length);
            }
        }
    }

    /** Four sums beside each other, since one alone waits for every addition. */
    private static double product(double[] left, double[] right, int length) {
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        int at = 0;
        for (; at + 3 < length; at += 4) {
            first += left[at] * right[at];
            second += left[at + 1] * right[at + 1];
            third += left[at + 2] * right[at + 2];
            fourth += left[at + 3] * right[at + 3];
        }
        for (; at < length; at++) {
            first += left[at] * right[at];
        }
        return first + second + (third + fourth);
    }

    /** Adds the sums of what comes next. */
    void add(GramSums next) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += next.sums[i];
        }
    }

    /** The whole matrix of so many deltas. */
    double[][] matrix(int deltas) {
        double[][] matrix = new double[deltas][deltas];
        int pair = 0;
        for (int i = 0; i < deltas; i++) {
            for (int j = 0; j <= i; j++) {
                matrix[i][j] = sums[pair];
                matrix[j][i] = sums[pair++];
            }
        }
        return matrix;
    }
}
