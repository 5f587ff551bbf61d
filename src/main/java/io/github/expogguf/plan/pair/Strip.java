package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.TensorInfo;

/**
 * Rows that one tensor has for another: groups of rows at equal distances, as many in the one as in the other.
 *
 * @param tensor       where they come from
 * @param wanted       where they are in the tensor that they are wanted for
 * @param source       where they are in {@code tensor}
 * @param isTransposed whether row {@code i} of a wanted group is column {@code i} of the source's group, a matrix then
 */
public record Strip(TensorInfo tensor, Span wanted, Span source, boolean isTransposed) {

    /**
     * Groups of rows.
     *
     * @param first  first row of the first group, from 0
     * @param stride rows from the beginning of a group to that of the next, at least {@code rows}
     * @param rows   rows of a group, at least 1
     * @param groups how many there are, at least 1
     */
    public record Span(long first, long stride, long rows, long groups) {

        /** Checks the numbers. */
        public Span {
            if (first < 0 || rows < 1 || stride < rows || groups < 1) {
                throw new IllegalArgumentException(
                        groups + " groups of " + rows + " rows from row " + first + " on, every " + stride + " rows");
            }
        }

        /** Rows that stand together. */
        static Span of(long first, long rows) {
            return new Span(first, rows, rows, 1);
        }

        /** Whether a row is in a group. */
        public boolean contains(long row) {
            return row >= first && group(row) < groups && within(row) < rows;
        }

        /** Number of the group, or gap after it, that a row from the first one on is in. */
        public long group(long row) {
            return (row - first) / stride;
        }

        /** Place of a row in its group. */
        public long within(long row) {
            return (row - first) % stride;
        }

        /** First row of a group. */
        public long begin(long group) {
            return first + group * stride;
        }
    }
}
