package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StudentTTest {

    /** From the tables of textbooks; the last line is the normal distribution's. */
    @ParameterizedTest
    @CsvSource({
        "0.05, 1, 6.314",
        "0.001, 1, 318.309",
        "0.025, 2, 4.303",
        "0.01, 5, 3.365",
        "0.025, 10, 2.228",
        "0.0005, 30, 3.646",
        "0.005, 120, 2.617",
        "0.025, 1000000, 1.960",
    })
    void quantilesAreThoseOfTheTables(double probability, int degrees, double expected) {
        assertThat(StudentT.quantile(probability, degrees)).isCloseTo(expected, within(6e-4));
        assertThat(StudentT.tail(expected, degrees)).isCloseTo(probability, within(2e-4));
    }
}
