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

class ReadsImportanceTest {

    private static final int ROW = 1024;

    static Stream<GgmlType> quantizedTypes() {
        return Stream.of(GgmlType.values()).filter(type -> type.isQuantized() && WeightTypes.isSupported(type));
    }

    @ParameterizedTest
    @MethodSource("quantizedTypes")
    void importancesAreReadByTheTypesWhoseBytesTheyChange(GgmlType type) {
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(7);
            MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, ROW);
            MemorySegment importance = arena.allocate(ValueLayout.JAVA_FLOAT, ROW);
            MemorySegment even = arena.allocate(ValueLayout.JAVA_FLOAT, ROW);
            for (int i = 0; i < ROW; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
                importance.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.exp(4 * random.nextGaussian()));
                even.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
            }
            boolean isChanged =
                    packed(type, values, importance, arena).mismatch(packed(type, values, even, arena)) >= 0;
            assertThat(WeightTypes.readsImportance(type)).isEqualTo(isChanged);
        }
    }

    private static MemorySegment packed(GgmlType type, MemorySegment values, MemorySegment importance, Arena arena) {
        MemorySegment bytes = arena.allocate(type.rowBytes(ROW));
        RowCodecs.of(type).quantize(ROW, 1, values, importance, bytes);
        return bytes;
    }
}
