package io.github.expogguf.search.votes;

/** The little linear algebra that a dozen alphas need; matrices are square arrays of rows. */
final class Matrices {

    private Matrices() {}

    /** The lower triangle whose product with its transpose is the matrix, which is positive definite. */
    static double[][] cholesky(double[][] matrix) {
        int size = matrix.length;
        double[][] lower = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = matrix[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                if (i == j) {
                    if (!(sum > 0)) {
                        throw new ArithmeticException("the matrix is not positive definite: pivot " + i + " is " + sum);
                    }
                    lower[i][i] = StrictMath.sqrt(sum);
                } else {
                    lower[i][j] = sum / lower[j][j];
                }
            }
        }
        return lower;
    }

    /** {@code (L L')^-1 vector}. */
    static double[] solve(double[][] lower, double[] vector) {
        int size = vector.length;
        double[] forward = new double[size];
        for (int i = 0; i < size; i++) {
            double sum = vector[i];
            for (int k = 0; k < i; k++) {
                sum -= lower[i][k] * forward[k];
            }
            forward[i] = sum / lower[i][i];
        }
        return solveTransposed(lower, forward);
    }

    /** {@code L'^-1 vector}. */
    static double[] solveTransposed(double[][] lower, double[] vector) {
        int size = vector.length;
        double[] result = new double[size];
        for (int i = size - 1; i >= 0; i--) {
            double sum = vector[i];
            for (int k = i + 1; k < size; k++) {
                sum -= lower[k][i] * result[k];
            }
            result[i] = sum / lower[i][i];
        }
        return result;
    }

    static double[] times(double[][] matrix, double[] vector) {
        double[] result = new double[vector.length];
        for (int i = 0; i < result.length; i++) {
            for (int k = 0; k < vector.length; k++) {
                result[i] += matrix[i][k] * vector[k];
            }
        }
        return result;
    }

    /** {@code matrix' vector}. */
    static double[] transposedTimes(double[][] matrix, double[] vector) {
        double[] result = new double[vector.length];
        for (int i = 0; i < result.length; i++) {
            for (int k = 0; k < vector.length; k++) {
                result[i] += matrix[k][i] * vector[k];
            }
        }
        return result;
    }

    /** {@code outer' inner outer}, of a symmetric inner matrix. */
    static double[][] transposedTimesTimes(double[][] outer, double[][] inner) {
        int size = outer.length;
        double[][] columns = new double[size][]; // of inner times outer
        for (int j = 0; j < size; j++) {
            double[] column = new double[size];
            for (int k = 0; k < size; k++) {
                column[k] = outer[k][j];
            }
            columns[j] = times(inner, column);
        }
        double[][] result = new double[size][size];
        for (int j = 0; j < size; j++) {
            double[] column = transposedTimes(outer, columns[j]);
            for (int i = 0; i < size; i++) {
                result[i][j] = column[i];
            }
        }
        return result;
    }
}
