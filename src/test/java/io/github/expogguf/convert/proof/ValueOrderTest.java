package io.github.expogguf.convert.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ValueOrderTest {

    private static final int ROW = 1024;
    private static final int ROWS = 64;

    private final SplittableRandom random = new SplittableRandom(17);

    private float[] weights() {
        float[] weights = new float[ROW * ROWS];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian(0, 0.02);
        }
        return weights;
    }

    private float[] rounded(GgmlType type, float[] weights, boolean isWeighted) {
        RowCodec codec = RowCodecs.of(type);
        float[] rounded = new float[weights.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(Float.BYTES * (long) weights.length, Float.BYTES);
            MemorySegment packed = arena.allocate(type.rowBytes(ROW) * ROWS, Long.BYTES);
            MemorySegment importance =
                    isWeighted ? arena.allocate(Float.BYTES * (long) ROW, Float.BYTES) : MemorySegment.NULL;
            for (int i = 0; isWeighted && i < ROW; i++) {
                importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.exp(2 * random.nextGaussian()));
            }
            MemorySegment.copy(weights, 0, floats, ValueLayout.JAVA_FLOAT, 0, weights.length);
            codec.quantize(ROW, ROWS, floats, importance, packed);
            codec.dequantize(ROW, ROWS, packed, floats);
            MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT, 0, rounded, 0, rounded.length);
        }
        return rounded;
    }

    /** A relative's weights lie 1 % away, those of a template of 4 bits 7 %: the distance hardly tells them. */
    @ParameterizedTest
    @EnumSource(
            names = {
                "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
                "IQ4_XS", "MXFP4", "NVFP4"
            })
    void roundingTurnsNoValuesRoundAndTrainingDoes(GgmlType type) {
        float[] weights = weights();
        float[] moved = weights.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) random.nextGaussian(0, 0.0002);
        }
        float[] bfloat16 = rounded(GgmlType.BF16, weights, false);
        assertThat(ValueOrder.isKept(type)).isTrue();
        for (boolean isWeighted : new boolean[] {false, true}) {
            float[] template = rounded(type, weights, isWeighted);
            assertThat(ValueOrder.reversed(template, weights)).isZero();
            assertThat(ValueOrder.reversed(template, bfloat16)).isZero();
            assertThat(ValueOrder.reversed(rounded(type, bfloat16, isWeighted), weights))
                    .isZero();
            assertThat(ValueOrder.reversed(template, moved)).isPositive();
        }
    }

    @Test
    void equalValuesHaveNoOrder() {
        assertThat(ValueOrder.reversed(new float[] {2, 1, 3}, new float[] {5, 5, 6}))
                .isZero();
        assertThat(ValueOrder.reversed(new float[] {2, 1, 1.5f}, new float[] {5, 5, 6}))
                .isEqualTo(1);
    }
}
