package io.github.expogguf.run.rank;

import java.io.IOException;

/** Products of a matrix that is read row by row with narrow matrices, in float32. Used by one thread. */
final class RangeFinder {

    /** Rows of the narrow matrix that stay in the L1 cache while a block of rows passes. */
    private static final int TILE = 64;

    private final MatrixRows matrix;
    private final int rows;
    private final int columns;
    private final int width;
    private double energy = -1; // unknown before the first product

    RangeFinder(MatrixRows matrix, int rows, int columns, int width) {
        this.matrix = matrix;
        this.rows = rows;
        this.columns = columns;
        this.width = width;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    int width() {
        return width;
    }

    /** Sum of the squares of the matrix, known after the first product. */
    double energy() {
        return energy;
    }

    /**
     * The matrix times a narrow one.
     *
     * @param right {@code columns * width}
     * @return {@code rows * width}
     */
    float[] multiply(float[] right) throws IOException {
        float[] product = new float[rows * width];
        double[] squares = new double[1];
        matrix.forEachBlock((firstRow, rowCount, values) -> {
            if (energy < 0) {
                squares[0] += squares(values, rowCount * columns);
            }
            for (int tile = 0; tile < columns; tile += TILE) {
                int end = Math.min(columns, tile + TILE);
                for (int row = 0; row < rowCount; row++) {
                    addRow(values, row * columns, tile, end, right, product, (firstRow + row) * width);
                }
            }
        });
        if (energy < 0) {
            energy = squares[0];
        }
        return product;
    }

    private static double squares(float[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) values[i] * values[i];
        }
        return sum;
    }

    /** Some columns of one row, four at a time: the sum is loaded and stored once for four products. */
    private void addRow(float[] values, int row, int from, int end, float[] right, float[] product, int target) {
        float[] sum = new float[width];
        int column = from;
        for (; column + 4 <= end; column += 4) {
            addFour(values, row + column, 1, right, column * width, sum, 0, width);
        }
        for (; column < end; column++) {
            addOne(values[row + column], right, column * width, sum, 0, width);
        }
        for (int k = 0; k < width; k++) {
            product[target + k] += sum[k];
        }
    }

    /**
     * The transposed matrix times a narrow one.
     *
     * @param right {@code rows * width}
     * @return {@code columns * width}
     */
    float[] multiplyTransposed(float[] right) throws IOException {
        float[] product = new float[columns * width];
        matrix.forEachBlock((firstRow, rowCount, values) -> {
            int row = 0;
            for (; row + 4 <= rowCount; row += 4) {
                for (int column = 0; column < columns; column++) {
                    int at = row * columns + column;
                    addFour(values, at, columns, right, (firstRow + row) * width, product, column * width, width);
                }
            }
            for (; row < rowCount; row++) {
                for (int column = 0; column < columns; column++) {
                    addOne(
                            values[row * columns + column],
                            right,
                            (firstRow + row) * width,
                            product,
                            column * width,
                            width);
                }
            }
        });
        return product;
    }

    /** Adds four neighbouring rows of {@code right}, each times one of four values. */
    private static void addFour(
            float[] values, int at, int stride, float[] right, int from, float[] sum, int target, int width) {
        float first = values[at];
        float second = values[at + stride];
        float third = values[at + 2 * stride];
        float fourth = values[at + 3 * stride];
        for (int k = 0; k < width; k++) {
            sum[target + k] += (first * right[from + k] + second * right[from + width + k])
                    + (third * right[from + 2 * width + k] + fourth * right[from + 3 * width + k]);
        }
    }

    private static void addOne(float value, float[] right, int from, float[] sum, int target, int width) {
        for (int k = 0; k < width; k++) {
            sum[target + k] += value * right[from + k];
        }
    }
}
