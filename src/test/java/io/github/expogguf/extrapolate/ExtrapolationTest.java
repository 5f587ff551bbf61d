package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtrapolationTest {

    @Test
    void goesOnFromTheAlignedWeightInTheDirectionOfTheDelta() {
        assertThat(new Extrapolation(0.5f).apply(1, 3)).isEqualTo(4);
        assertThat(new Extrapolation(0).apply(1, 3)).isEqualTo(3);
        assertThat(new Extrapolation(-1).apply(1, 3)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesAnAlphaThatIsNotFinite(float alpha) {
        assertThatThrownBy(() -> new Extrapolation(alpha))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha is " + alpha + ", expected a finite number");
    }

    @Test
    void choosesAKernelThatWorksInThisJvm() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocateFrom(JAVA_FLOAT, 1, 3, 9);
            new Extrapolation(0.5f).kernel().extrapolate(1, floats, floats.asSlice(4), floats.asSlice(8));
            assertThat(floats.getAtIndex(JAVA_FLOAT, 2)).isEqualTo(4);
        }
    }
}
