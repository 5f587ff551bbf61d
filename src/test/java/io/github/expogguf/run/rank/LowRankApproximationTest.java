package io.github.expogguf.run.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowRankApproximationTest {

    private static float[] random(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1e-3 * random.nextGaussian());
        }
        return values;
    }

    private static float[] ofRank(int rows, int columns, int rank) {
        return product(random(rows, rank, 1), random(rank, columns, 2), rows, rank, columns);
    }

    private static float[] product(float[] left, float[] right, int rows, int inner, int columns) {
        float[] product = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double sum = 0;
                for (int k = 0; k < inner; k++) {
                    sum += (double) left[i * inner + k] * right[k * columns + j];
                }
                product[i * columns + j] = (float) sum;
            }
        }
        return product;
    }

    private static MatrixRows rows(float[] matrix, int rows, int columns, int blockRows) {
        return visitor -> {
            for (int row = 0; row < rows; row += blockRows) {
                int count = Math.min(blockRows, rows - row);
                visitor.accept(row, count, Arrays.copyOfRange(matrix, row * columns, (row + count) * columns));
            }
        };
    }

    private static LowRankApproximation of(float[] matrix, int rows, int columns, int rank) throws IOException {
        return LowRankApproximation.of(rows(matrix, rows, columns, 7), rows, columns, rank, 5);
    }

    private static double squares(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }

    private static double squaredError(LowRankApproximation factors, float[] matrix) {
        float[] approximation =
                product(factors.left(), factors.right(), factors.rows(), factors.rank(), factors.columns());
        for (int i = 0; i < matrix.length; i++) {
            approximation[i] -= matrix[i];
        }
        return squares(approximation);
    }

    /** All squared singular values, the largest first, by one-sided Jacobi: another method than the class uses. */
    private static double[] squaredSingularValues(float[] matrix, int rows, int columns) {
        double[][] vectors = new double[columns][rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                vectors[j][i] = matrix[i * columns + j];
            }
        }
        for (int sweep = 0; sweep < 30; sweep++) {
            for (int p = 0; p < columns; p++) {
                for (int q = p + 1; q < columns; q++) {
                    double a = dot(vectors[p], vectors[p]);
                    double b = dot(vectors[q], vectors[q]);
                    double c = dot(vectors[p], vectors[q]);
                    if (c != 0) {
                        double angle = 0.5 * Math.atan2(2 * c, a - b);
                        double cosine = Math.cos(angle);
                        double sine = Math.sin(angle);
                        for (int i = 0; i < rows; i++) {
                            double left = vectors[p][i];
                            vectors[p][i] = cosine * left + sine * vectors[q][i];
                            vectors[q][i] = cosine * vectors[q][i] - sine * left;
                        }
                    }
                }
            }
        }
        double[] squares = Arrays.stream(vectors)
                .mapToDouble(vector -> dot(vector, vector))
                .sorted()
                .toArray();
        for (int i = 0; i < squares.length / 2; i++) {
            double swapped = squares[i];
            squares[i] = squares[squares.length - 1 - i];
            squares[squares.length - 1 - i] = swapped;
        }
        return squares;
    }

    private static double dot(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({
        "60, 45, 3, 3",
        "45, 60, 8, 8",
        "200, 16, 4, 6",
        "16, 200, 1, 5",
        "1, 50, 1, 4",
        "50, 1, 1, 4",
        "300, 257, 20, 20"
    })
    void recoversAMatrixOfLowRank(int rows, int columns, int ownRank, int rank) throws IOException {
        float[] matrix = ofRank(rows, columns, ownRank);
        LowRankApproximation factors = of(matrix, rows, columns, rank);
        assertThat(factors.energy()).isCloseTo(squares(matrix), within(1e-12 * squares(matrix)));
        assertThat(factors.keptShare()).isCloseTo(1, within(1e-5));
        assertThat(squaredError(factors, matrix)).isLessThan(1e-10 * squares(matrix));
    }

    @ParameterizedTest
    @CsvSource({"80, 60, 1", "80, 60, 10", "60, 80, 40", "64, 64, 64"})
    void keepsNearlyAsMuchAsTheBestApproximation(int rows, int columns, int rank) throws IOException {
        float[] matrix = random(rows, columns, 3); // singular values that hardly fall: the hardest case
        LowRankApproximation factors = of(matrix, rows, columns, rank);
        double[] squares = squaredSingularValues(matrix, rows, columns);
        double best = Arrays.stream(squares).limit(rank).sum();
        assertThat(Arrays.stream(squares).sum()).isCloseTo(factors.energy(), within(1e-9 * best));
        assertThat(factors.kept()).isBetween(0.98 * best, 1.00001 * best);
        assertThat(factors.energy() - squaredError(factors, matrix)).isCloseTo(factors.kept(), within(1e-4 * best));
    }

    @Test
    void keepsTheBestWhereSingularValuesFall() throws IOException {
        int size = 50;
        float[] left = random(size, size, 4);
        for (int i = 0; i < left.length; i++) {
            left[i] *= (float) Math.pow(0.7, i % size);
        }
        float[] matrix = product(left, random(size, size, 6), size, size, size);
        LowRankApproximation factors = of(matrix, size, size, 8);
        double best = Arrays.stream(squaredSingularValues(matrix, size, size))
                .limit(8)
                .sum();
        assertThat(factors.kept()).isCloseTo(best, within(1e-5 * best));
        assertThat(factors.keptShare()).isLessThan(0.9999);
    }

    @Test
    void zerosStayZeros() throws IOException {
        LowRankApproximation factors = of(new float[200], 20, 10, 4);
        assertThat(factors.left()).hasSize(80).containsOnly(0);
        assertThat(factors.right()).hasSize(40).containsOnly(0);
        assertThat(factors.keptShare()).isOne();
    }

    @Test
    void factorsDependOnTheSeedAlone() throws IOException {
        float[] matrix = random(40, 30, 7);
        LowRankApproximation first = LowRankApproximation.of(rows(matrix, 40, 30, 4), 40, 30, 5, 1);
        LowRankApproximation again = LowRankApproximation.of(rows(matrix, 40, 30, 4), 40, 30, 5, 1);
        LowRankApproximation other = LowRankApproximation.of(rows(matrix, 40, 30, 4), 40, 30, 5, 2);
        assertThat(again.left()).isEqualTo(first.left()).isNotEqualTo(other.left());
        assertThat(again.right()).isEqualTo(first.right());
    }

    @Test
    void refusesRanksThatAreNone() {
        assertThatThrownBy(() -> of(new float[4], 2, 2, 0)).hasMessage("rank 0, expected at least 1");
        assertThatThrownBy(() -> LowRankApproximation.of(visitor -> {}, 1 << 20, 1 << 20, 4096, 1))
                .hasMessageContaining("rank 4096 is too high");
    }
}
