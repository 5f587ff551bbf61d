package io.github.expogguf.compare;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.quant.WeightTypes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class TypeNoiseTest {

    private static final int ROW_LENGTH = 1024;
    private static final int ROWS = 8;

    /** Without those whose tables ggml takes many seconds to build. */
    static Stream<GgmlType> types() {
        return Arrays.stream(GgmlType.values())
                .filter(type -> WeightTypes.isSupported(type) && !type.name().matches("IQ[12].*"));
    }

    @ParameterizedTest
    @MethodSource("types")
    void isWhatQuantizingNormalWeightsCosts(GgmlType type) {
        RowCodec codec = RowCodecs.of(type);
        Random random = new Random(11);
        int count = ROW_LENGTH * ROWS;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment weights = arena.allocate(JAVA_FLOAT, count);
            for (int i = 0; i < count; i++) {
                weights.setAtIndex(JAVA_FLOAT, i, (float) (0.02 * random.nextGaussian()));
            }
            MemorySegment packed = arena.allocate(type.rowBytes(ROW_LENGTH) * ROWS);
            MemorySegment back = arena.allocate(JAVA_FLOAT, count);
            codec.quantize(ROW_LENGTH, ROWS, weights, MemorySegment.NULL, packed);
            codec.dequantize(ROW_LENGTH, ROWS, packed, back);
            DeltaSums sums = DeltaSums.of(count, weights, back, new Magnitudes());
            double expected = TypeNoise.relativeError(type);
            assertThat(sums.relativeNorm()).isCloseTo(expected, within(0.1 * expected));
        }
    }
}
