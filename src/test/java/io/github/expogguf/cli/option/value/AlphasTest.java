package io.github.expogguf.cli.option.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

final class AlphasTest {

    private static List<Float> alphas(String text) {
        return new Alphas.ToAlphas().convert(text).values();
    }

    private static void assertRefused(String text, String message) {
        assertThatThrownBy(() -> alphas(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aNumberIsItself() {
        assertThat(alphas("0.3")).containsExactly(0.3f);
    }

    @Test
    void aRangeHasBothEndsWhereItsStepsMeetThem() {
        assertThat(alphas("0:1:0.1")).containsExactly(0f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1f);
        assertThat(alphas("0:1:0.4")).containsExactly(0f, 0.4f, 0.8f);
        assertThat(alphas("-1:-0.5:0.25")).containsExactly(-1f, -0.75f, -0.5f);
        assertThat(alphas("2:0:-1")).containsExactly(2f, 1f, 0f);
        assertThat(alphas("3:3:1")).containsExactly(3f);
    }

    @Test
    void whatIsNeitherIsRefused() {
        assertRefused("0:2", "'0:2' is neither a number nor a range from:to:step");
        assertRefused("0:2:0", "the step does not lead from 0.0 to 2.0");
        assertRefused("0:2:-1", "the step does not lead from 0.0 to 2.0");
        assertRefused("0:2:x", "x");
        assertRefused("0:1000:1", "1001 alphas, expected at most 1000");
        assertRefused("0:3e38:1e-45", "expected at most 1000");
    }
}
