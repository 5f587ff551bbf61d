package io.github.expogguf.run.rank;

import java.io.IOException;

/** A matrix that can be read again and again. */
@FunctionalInterface
public interface MatrixRows {
    /** Hands over all rows, in order, in blocks. */
    void forEachBlock(Visitor visitor) throws IOException;

    /** Takes rows. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Some whole rows.
         *
         * @param firstRow number of the first
         * @param rowCount rows
         * @param values   {@code rowCount * columns} floats, row by row; valid until the call returns
         */
        void accept(int firstRow, int rowCount, float[] values);
    }
}
