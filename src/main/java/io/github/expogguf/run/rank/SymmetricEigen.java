package io.github.expogguf.run.rank;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, Matrix
 * Computations, 8.5).
 *
 * @param values  eigenvalues, the largest first
 * @param vectors {@code vectors[i]} belongs to {@code values[i]}; of norm 1 and at right angles to each other
 */
record SymmetricEigen(double[] values, double[][] vectors) {

    private static final int MAX_SWEEPS = 40;
    private static final double TOLERANCE = 1e-26; // of squares: off-diagonal against all

    /** @param matrix as many rows as columns, symmetric; overwritten */
    static SymmetricEigen of(double[][] matrix) {
        int size = matrix.length;
        double[][] rows = new double[size][size]; // of the transposed product of all rotations
        for (int i = 0; i < size; i++) {
            rows[i][i] = 1;
        }
        double all = squares(matrix, true);
        for (int sweep = 0; sweep < MAX_SWEEPS && squares(matrix, false) > TOLERANCE * all; sweep++) {
            for (int p = 0; p < size - 1; p++) {
                for (int q = p + 1; q < size; q++) {
                    rotate(matrix, rows, p, q);
                }
            }
        }
        int[] order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -matrix[i][i]))
                .mapToInt(i -> i)
                .toArray();
        return new SymmetricEigen(
                Arrays.stream(order).mapToDouble(i -> matrix[i][i]).toArray(),
                Arrays.stream(order).mapToObj(i -> rows[i]).toArray(double[][]::new));
    }

    private static double squares(double[][] matrix, boolean withDiagonal) {
        double sum = 0;
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix.length; j++) {
                sum += i == j && !withDiagonal ? 0 : matrix[i][j] * matrix[i][j];
            }
        }
        return sum;
    }

    /** Makes the element at (p, q) 0. */
    private static void rotate(double[][] matrix, double[][] rows, int p, int q) {
        double off = matrix[p][q];
        if (off == 0) {
            return;
        }
        double theta = (matrix[q][q] - matrix[p][p]) / (2 * off);
        double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double cosine = 1 / Math.sqrt(tangent * tangent + 1);
        double sine = tangent * cosine;
        rotateRows(matrix[p], matrix[q], cosine, sine);
        for (double[] row : matrix) {
            double left = row[p];
            double right = row[q];
            row[p] = cosine * left - sine * right;
            row[q] = sine * left + cosine * right;
        }
        rotateRows(rows[p], rows[q], cosine, sine);
    }

    private static void rotateRows(double[] left, double[] right, double cosine, double sine) {
        for (int i = 0; i < left.length; i++) {
            double a = left[i];
            double b = right[i];
            left[i] = cosine * a - sine * b;
            right[i] = sine * a + cosine * b;
        }
    }
}
