package io.github.expogguf.run.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.Magnitudes;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model and itself in another type on one side, a model and what a small step made of it on the other. */
class WeightOrderTest {

    private static final int ROW = 1024;
    private static final int ROWS = 32;
    private static final int CHUNKS = 32;
    private static final double RMS = 0.02;

    private final SplittableRandom random = new SplittableRandom(23);

    private float[] weights() {
        float[] weights = new float[ROW * ROWS];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian(0, RMS);
        }
        return weights;
    }

    private float[] moved(float[] weights, double step) {
        float[] moved = weights.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) random.nextGaussian(0, step * RMS);
        }
        return moved;
    }

    private MemorySegment rounded(Arena arena, GgmlType type, float[] weights, boolean isWeighted) {
        RowCodec codec = RowCodecs.of(type);
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
        return floats;
    }

    /** What a scan finds of rows of which one side is the other after a step, each in its type. */
    private boolean isKept(GgmlType before, GgmlType after, double step) {
        WeightOrder order = new WeightOrder();
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            try (Arena arena = Arena.ofConfined()) {
                float[] weights = weights();
                MemorySegment sft = rounded(arena, before, weights, false);
                MemorySegment aligned = rounded(arena, after, moved(weights, step), chunk % 2 == 1);
                TensorInfo tensor = new TensorInfo("blk.0.ffn_up.weight", after, new Shape(ROW, ROWS * CHUNKS), 0);
                order.add(
                        new Chunk(chunk, 0, tensor, (long) chunk * ROWS, ROWS),
                        before,
                        sft,
                        aligned,
                        DeltaSums.of((long) ROW * ROWS, sft, aligned, new Magnitudes()));
            }
        }
        return order.isKept();
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0", "Q6_K", "Q5_K", "Q5_0"})
    void roundingKeepsTheOrderInEitherDirection(GgmlType type) {
        assertThat(isKept(GgmlType.F32, type, 0)).isTrue();
        assertThat(isKept(type, GgmlType.F32, 0)).isTrue();
        assertThat(isKept(GgmlType.F16, type, 0)).isEqualTo(type != GgmlType.F16);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K", "Q4_K", "Q5_0", "Q4_0", "IQ4_XS", "Q3_K", "Q2_K"})
    void aSmallStepIsNoRounding(GgmlType type) {
        for (double step : new double[] {0.001, 0.002}) {
            for (GgmlType fine : new GgmlType[] {GgmlType.F32, GgmlType.F16, GgmlType.BF16}) {
                assertThat(isKept(fine, type, step)).as("%s, %s", fine, step).isFalse();
                assertThat(isKept(type, fine, step)).as("%s, %s", fine, step).isFalse();
            }
        }
    }

    /** Of two levels of each nobody knows where the weights were. */
    @Test
    void twoQuantizedModelsAreNotTold() {
        assertThat(isKept(GgmlType.Q8_0, GgmlType.Q4_K, 0)).isFalse();
        assertThat(isKept(GgmlType.Q8_0, GgmlType.Q8_0, 0.001)).isFalse();
        assertThat(isKept(GgmlType.F16, GgmlType.IQ3_S, 0)).isFalse();
    }
}
