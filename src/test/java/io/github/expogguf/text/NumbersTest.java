package io.github.expogguf.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

    @Test
    void digitsBehindThePointAndInAll() {
        assertThat(Numbers.fixed(2.67, 3)).isEqualTo("2.670");
        assertThat(Numbers.fixed(1234.5, 0)).isEqualTo("1235");
        assertThat(Numbers.significant(0.00001234, 2)).isEqualTo("1.2e-05");
        assertThat(Numbers.grouped(1_234_567)).isEqualTo("1,234,567");
    }

    @Test
    void shares() {
        assertThat(Numbers.percent(0.1234, 1)).isEqualTo("12.3 %");
        assertThat(Numbers.exactPercent(0.3f)).isEqualTo("30 %");
        assertThat(Numbers.exactPercent(0.125f)).isEqualTo("12.5 %");
    }

    @Test
    void asShortAsCanBe() {
        assertThat(Numbers.decimal(5f)).isEqualTo("5");
        assertThat(Numbers.decimal(0.3f)).isEqualTo("0.3");
        assertThat(Numbers.decimal(3e-5f)).isEqualTo("0.00003");
        assertThat(Numbers.brief(5f)).isEqualTo("5");
        assertThat(Numbers.brief(1.3)).isEqualTo("1.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "0.000", " 0 ", "0e5", "00.0E-400", "0x0p-1", "1e-45", "-1.4e-45", ".5", "5."})
    void numbersAndZerosAreRead(String text) {
        assertThat(Numbers.parseFinite(text)).isEqualTo(Float.parseFloat(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-400", "-1e-46", "0.001e-60", ".1e-50", "0x0.1p-300", " 7e-99 "})
    void numbersThatWouldBecomeZeroAreNot(String text) {
        assertThatThrownBy(() -> Numbers.parseFinite(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is too small to be another number than 0");
    }

    @Test
    void zerosAtTheEndGo() {
        assertThat(Numbers.withoutZeros("0.500")).isEqualTo("0.5");
        assertThat(Numbers.withoutZeros("2.00")).isEqualTo("2");
        assertThat(Numbers.withoutZeros("100")).isEqualTo("100");
        assertThat(Numbers.withoutZeros("1.200e+10")).isEqualTo("1.200e+10");
    }
}
