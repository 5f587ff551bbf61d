package io.github.expogguf.run.compute;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** How much of a matrix its first singular direction holds, by power iteration. */
public final class RankOne {

    private static final int ITERATIONS = 24;

    private RankOne() {}

    /**
     * The square of the first singular value as a share of the sum of the squares of all.
     *
     * @param matrix {@code rows * columns} floats, row by row
     * @return from 0 to 1; empty if all are 0, or one is no finite number. At most what the first direction holds, and
     *         close to it where the second holds less
     */
    public static OptionalDouble share(float[] matrix, int rows, int columns) {
        double energy = 0;
        for (float value : matrix) {
            energy += (double) value * value;
        }
        if (energy == 0 || !Double.isFinite(energy)) {
            return OptionalDouble.empty();
        }
        float[] direction = start(columns);
        float[] image = new float[rows];
        double first = 0;
        for (int i = 0; i < ITERATIONS; i++) {
            first = multiply(matrix, rows, columns, direction, image);
            if (!normalize(image)) {
                return OptionalDouble.of(0); // the start was at right angles to all rows
            }
            multiplyTransposed(matrix, rows, columns, image, direction);
            normalize(direction);
        }
        return OptionalDouble.of(Math.min(1, first / energy));
    }

    private static float[] start(int columns) {
        SplittableRandom random = new SplittableRandom(columns);
        float[] direction = new float[columns];
        for (int i = 0; i < columns; i++) {
            direction[i] = (float) random.nextGaussian();
        }
        normalize(direction);
        return direction;
    }

    /** The image of a direction; returns the square of its norm. */
    private static double multiply(float[] matrix, int rows, int columns, float[] direction, float[] image) {
        double squares = 0;
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int column = 0, at = row * columns; column < columns; column++, at++) {
                sum += (double) matrix[at] * direction[column];
            }
            image[row] = (float) sum;
            squares += sum * sum;
        }
        return squares;
    }

    private static void multiplyTransposed(float[] matrix, int rows, int columns, float[] image, float[] direction) {
        Arrays.fill(direction, 0);
        for (int row = 0; row < rows; row++) {
            float factor = image[row];
            for (int column = 0, at = row * columns; column < columns; column++, at++) {
                direction[column] += factor * matrix[at];
            }
        }
    }

    /** To norm 1; false if it has none. */
    private static boolean normalize(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        double norm = Math.sqrt(squares);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] / norm);
        }
        return norm > 0;
    }
}
