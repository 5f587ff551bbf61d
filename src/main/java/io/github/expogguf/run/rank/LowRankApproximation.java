package io.github.expogguf.run.rank;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The best approximation of a matrix by one of low rank, nearly: a randomised singular value decomposition after Halko,
 * Martinsson and Tropp, "Finding structure with randomness", <a href="https://arxiv.org/abs/0909.4061">arXiv
 * 0909.4061</a>, algorithms 4.4 and 5.1. It sees the matrix row by row, {@value #PASSES} times, and keeps {@link
 * #memoryBytes} beside it.
 *
 * @param rows    of the matrix
 * @param columns of the matrix
 * @param rank    columns of {@code left} and rows of {@code right}; those behind the matrix's own rank are 0
 * @param left    {@code rows * rank} floats, row by row
 * @param right   {@code rank * columns} floats, row by row; {@code left * right} is the approximation, each side with
 *                the square roots of the singular values, so that neither leaves the range of 16-bit floats
 * @param energy  sum of the squares of the matrix
 * @param kept    sum of the squares of the approximation
 */
public record LowRankApproximation(
        int rows, int columns, int rank, float[] left, float[] right, double energy, double kept) {

    /** Directions beyond the rank, which make the first ones better. */
    private static final int OVERSAMPLING = 10;

    /** Each brings the approximation closer to the best where singular values fall slowly, as those of deltas do. */
    private static final int POWER_ITERATIONS = 2;

    /** How often the rows are asked for. */
    public static final int PASSES = 2 + 2 * POWER_ITERATIONS;

    /** Directions whose length is smaller than this share of the longest are rounding errors. */
    private static final double NEGLIGIBLE = 1e-5;

    /** The share of the energy that the approximation keeps; 1 for a matrix of zeros. */
    public double keptShare() {
        return energy == 0 ? 1 : Math.min(1, kept / energy);
    }

    /** Bytes that {@link #of} allocates, roughly. */
    public static long memoryBytes(long rows, long columns, int rank) {
        long width = Math.addExact(rank, OVERSAMPLING);
        return Math.multiplyExact(Float.BYTES * (rows + columns), 2 * width);
    }

    /**
     * Approximates a matrix.
     *
     * @param rank at least 1; may be more than the matrix has
     * @param seed of the random directions; the same seed gives the same factors
     * @throws IllegalArgumentException if the rank is below 1 or a factor would have 2^31 elements or more
     */
    public static LowRankApproximation of(MatrixRows matrix, int rows, int columns, int rank, long seed)
            throws IOException {
        if (rank < 1) {
            throw new IllegalArgumentException("rank " + rank + ", expected at least 1");
        }
        int width = (int) Math.min((long) rank + OVERSAMPLING, Math.min(rows, columns));
        if ((long) Math.max(rows, columns) * Math.max(width, rank) > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "rank " + rank + " is too high for " + rows + " rows and " + columns + " columns");
        }
        RangeFinder finder = new RangeFinder(matrix, rows, columns, width);
        float[] range = finder.multiply(gaussian(columns, width, seed)); // rows * width
        for (int i = 0; i < POWER_ITERATIONS; i++) {
            orthonormalize(range, rows, width);
            float[] corange = finder.multiplyTransposed(range);
            orthonormalize(corange, columns, width);
            range = finder.multiply(corange);
        }
        orthonormalize(range, rows, width);
        orthonormalize(range, rows, width); // removes what rounding left of the first
        float[] image = finder.multiplyTransposed(range); // columns * width
        SymmetricEigen eigen = SymmetricEigen.of(gram(image, columns, width));
        return factors(eigen, range, image, finder, rank);
    }

    private static LowRankApproximation factors(
            SymmetricEigen eigen, float[] range, float[] image, RangeFinder finder, int rank) {
        int width = finder.width();
        int found = Math.min(rank, width);
        float[] left = new float[finder.rows() * rank];
        float[] right = new float[rank * finder.columns()];
        double kept = 0;
        for (int k = 0; k < found; k++) {
            double square = eigen.values()[k];
            if (!(square > NEGLIGIBLE * NEGLIGIBLE * eigen.values()[0])) {
                break;
            }
            kept += square;
            double root = Math.sqrt(Math.sqrt(square));
            double[] direction = eigen.vectors()[k];
            for (int row = 0; row < finder.rows(); row++) {
                left[row * rank + k] = (float) (root * product(range, row * width, direction));
            }
            for (int column = 0; column < finder.columns(); column++) {
                right[k * finder.columns() + column] = (float) (product(image, column * width, direction) / root);
            }
        }
        return new LowRankApproximation(finder.rows(), finder.columns(), rank, left, right, finder.energy(), kept);
    }

    private static double product(float[] matrix, int at, double[] direction) {
        double sum = 0;
        for (int i = 0; i < direction.length; i++) {
            sum += matrix[at + i] * direction[i];
        }
        return sum;
    }

    private static float[] gaussian(int rows, int width, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /**
     * Replaces the columns by others of norm 1 and at right angles that span the same space, through the eigenvectors
     * of their products; where there are fewer directions than columns, the last ones become 0.
     */
    private static void orthonormalize(float[] matrix, int rows, int width) {
        SymmetricEigen eigen = SymmetricEigen.of(gram(matrix, rows, width));
        double[][] map = new double[width][]; // of the columns
        for (int k = 0; k < width; k++) {
            double square = eigen.values()[k];
            double scale = square > NEGLIGIBLE * NEGLIGIBLE * eigen.values()[0] ? 1 / Math.sqrt(square) : 0;
            map[k] = Arrays.stream(eigen.vectors()[k])
                    .map(value -> scale * value)
                    .toArray();
        }
        float[] row = new float[width];
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < width; k++) {
                row[k] = (float) product(matrix, i * width, map[k]);
            }
            System.arraycopy(row, 0, matrix, i * width, width);
        }
    }

    /** Products of all pairs of columns. */
    private static double[][] gram(float[] matrix, int rows, int width) {
        double[][] products = new double[width][width];
        for (int i = 0; i < rows; i++) {
            int at = i * width;
            for (int k = 0; k < width; k++) {
                double value = matrix[at + k];
                double[] target = products[k];
                for (int other = 0; other < width; other++) {
                    target[other] += value * matrix[at + other];
                }
            }
        }
        return products;
    }
}
