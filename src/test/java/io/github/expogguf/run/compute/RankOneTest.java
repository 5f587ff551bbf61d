package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankOneTest {

    @Test
    void isOneForAnOuterProduct() {
        float[] matrix = new float[6 * 5];
        for (int row = 0; row < 6; row++) {
            for (int column = 0; column < 5; column++) {
                matrix[row * 5 + column] = (row - 2.5f) * (column + 1);
            }
        }
        assertThat(RankOne.share(matrix, 6, 5).getAsDouble()).isCloseTo(1, within(1e-6));
    }

    /** The singular values of a diagonal matrix are its entries. */
    @ParameterizedTest
    @ValueSource(floats = {1, 1e-12f, 1e9f})
    void isTheShareOfTheLargestSingularValue(float unit) {
        float[] matrix = new float[4 * 4];
        matrix[0] = unit;
        matrix[5] = -3 * unit;
        matrix[10] = 2 * unit;
        assertThat(RankOne.share(matrix, 4, 4).getAsDouble()).isCloseTo(9 / 14.0, within(1e-4));
    }

    /** By the characteristic polynomial of the product with the transposed. */
    @Test
    void agreesWithTheExactValueOfTwoRows() {
        Random random = new Random(7);
        float[] matrix = new float[2 * 300];
        double a = 0;
        double b = 0;
        double c = 0;
        for (int i = 0; i < 300; i++) {
            matrix[i] = (float) random.nextGaussian();
            matrix[300 + i] = (float) (random.nextGaussian() + matrix[i]);
            a += matrix[i] * matrix[i];
            b += matrix[i] * matrix[300 + i];
            c += matrix[300 + i] * matrix[300 + i];
        }
        double largest = (a + c) / 2 + Math.sqrt((a - c) * (a - c) / 4 + b * b);
        assertThat(RankOne.share(matrix, 2, 300).getAsDouble()).isCloseTo(largest / (a + c), within(1e-4));
    }

    @Test
    void isNothingWhereNothingChanged() {
        assertThat(RankOne.share(new float[12], 3, 4)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void thereIsNoneWithoutFiniteNumbers(float odd) {
        assertThat(RankOne.share(new float[] {1, 2, odd, 3}, 2, 2)).isEmpty();
    }
}
