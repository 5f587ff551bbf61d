package io.github.expogguf.quant;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ggml itself leaves of columns of importance 0. */
class ZeroImportanceTest {

    private static final int ROW = 1024;
    private static final int ROWS = 8;

    static Stream<GgmlType> types() {
        return Stream.of(GgmlType.values())
                .filter(type -> WeightTypes.isSupported(type) && WeightTypes.readsImportance(type));
    }

    @ParameterizedTest
    @MethodSource("types")
    void columnsAreLostWithTheirScaleAndNotWithout(GgmlType type) {
        int group = ZeroImportance.group(type);
        if (group == 0) {
            assertThat(errorOfZeros(type, 0, ROW)).isLessThan(0.3);
            return;
        }
        double whole = errorOfZeros(type, group, group);
        assertThat(whole).isGreaterThan(0.68);
        assertThat(errorOfZeros(type, group, group / 2)).isLessThan(whole - 0.1);
        assertThat(errorOfZeros(type, group + group / 2, group)).isLessThan(whole - 0.1);
    }

    /** The relative error of columns of importance 0, from the first one. */
    private static double errorOfZeros(GgmlType type, int first, int count) {
        Random random = new Random(5);
        GgmlRowCodec codec = new GgmlRowCodec(type);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate((long) Float.BYTES * ROW * ROWS, Float.BYTES);
            for (int i = 0; i < ROW * ROWS; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.05 * random.nextGaussian()));
            }
            MemorySegment importance = arena.allocate((long) Float.BYTES * ROW, Float.BYTES);
            for (int i = 0; i < ROW; i++) {
                boolean isZero = i >= first && i < first + count;
                importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, isZero ? 0 : 1 + random.nextFloat());
            }
            MemorySegment packed = arena.allocate(type.rowBytes(ROW) * ROWS, 64);
            codec.quantize(ROW, ROWS, values, importance, packed);
            MemorySegment left = arena.allocate(values.byteSize(), Float.BYTES);
            codec.dequantize(ROW, ROWS, packed, left);
            double error = 0;
            double square = 0;
            for (int i = 0; i < ROW * ROWS; i++) {
                if (importance.getAtIndex(ValueLayout.JAVA_FLOAT, i % ROW) == 0) {
                    double value = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    error += Math.pow(value - left.getAtIndex(ValueLayout.JAVA_FLOAT, i), 2);
                    square += value * value;
                }
            }
            return Math.sqrt(error / square);
        }
    }
}
