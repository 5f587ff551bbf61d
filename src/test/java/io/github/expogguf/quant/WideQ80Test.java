package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.simple.WideQ80;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class WideQ80Test {

    private static final int BLOCK_BYTES = 34;

    @Test
    void roundsHalvesAwayFromZeroAsGgmlDoes() {
        Q80Rounding.assertIsThatOfGgml(WideRowCodec.of(new GgmlRowCodec(GgmlType.Q8_0)));
    }

    @Test
    void leavesScalesWithoutAnInverseToGgml() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 32);
            MemorySegment packed = arena.allocate(BLOCK_BYTES);
            floats.setAtIndex(JAVA_FLOAT, 5, 127 * 0x1p-129f);
            assertThat(new WideQ80().quantize(floats, 0, 1, NULL, packed, 0)).isFalse();
            floats.setAtIndex(JAVA_FLOAT, 5, 127 * 0x1p-127f);
            assertThat(new WideQ80().quantize(floats, 0, 1, NULL, packed, 0)).isTrue();
        }
    }
}
