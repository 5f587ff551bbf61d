package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
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

    /** The largest value is 127 and so the scale 1, and each other one is rounded as it is. */
    @Test
    void roundsHalvesAwayFromZeroAsGgmlDoes() {
        RowCodec ggml = new GgmlRowCodec(GgmlType.Q8_0);
        RowCodec wide = WideRowCodec.of(ggml);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 32);
            MemorySegment expected = arena.allocate(BLOCK_BYTES);
            MemorySegment packed = arena.allocate(BLOCK_BYTES);
            for (int halves = 0; halves <= 2 * 127; halves++) {
                for (int i = 0; i < 32; i++) {
                    int bits = Float.floatToRawIntBits(0.5f * halves) + Math.max(i / 2 - 8, halves == 0 ? 0 : -8);
                    float value = Math.min(127, Float.intBitsToFloat(bits));
                    floats.setAtIndex(JAVA_FLOAT, i, i % 2 == 0 ? value : -value);
                }
                floats.setAtIndex(JAVA_FLOAT, halves % 32, 127);
                ggml.quantize(32, 1, floats, NULL, expected);
                wide.quantize(32, 1, floats, NULL, packed);
                assertThat(packed.toArray(JAVA_BYTE)).as("%d halves", halves).isEqualTo(expected.toArray(JAVA_BYTE));
            }
        }
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
