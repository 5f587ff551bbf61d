package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** How Q8_0 rounds, of each codec that does so itself. */
final class Q80Rounding {

    private static final int BLOCK_BYTES = 34;

    private Q80Rounding() {}

    /** The largest value is 127 and so the scale 1, and each other one is rounded as it is. */
    static void assertIsThatOfGgml(RowCodec codec) {
        RowCodec ggml = new GgmlRowCodec(GgmlType.Q8_0);
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
                codec.quantize(32, 1, floats, NULL, packed);
                assertThat(packed.toArray(JAVA_BYTE)).as("%d halves", halves).isEqualTo(expected.toArray(JAVA_BYTE));
            }
        }
    }
}
