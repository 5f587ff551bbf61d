package io.github.expogguf.extrapolate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaStepTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1023, 1024, 1025, 5000})
    void addsTheWeightedDifferenceInTheDocumentedOrder(int count) {
        Random random = new Random(7);
        float[] sft = floats(random, count);
        float[] aligned = floats(random, count);
        float[] result = floats(random, count);
        float[] expected = new float[count];
        for (int i = 0; i < count; i++) {
            float delta = aligned[i] - sft[i];
            float step = -0.7f * delta;
            expected[i] = result[i] + step;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sum = arena.allocateFrom(JAVA_FLOAT, result);
            new DeltaStep(-0.7f)
                    .add(count, arena.allocateFrom(JAVA_FLOAT, sft), arena.allocateFrom(JAVA_FLOAT, aligned), sum);
            assertThat(sum.toArray(JAVA_FLOAT)).containsExactly(expected);
        }
    }

    @Test
    void refusesAWeightThatIsNotFinite() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeltaStep(Float.NaN))
                .withMessageContaining("NaN");
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
