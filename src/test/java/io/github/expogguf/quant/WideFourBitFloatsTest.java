package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.levels.WideMxfp4;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class WideFourBitFloatsTest {

    private static final int LENGTH = 64;

    /**
     * Every scale of NVFP4 and some beyond, and values on the middles between levels and one step of a float beside.
     */
    @ParameterizedTest
    @EnumSource(names = {"MXFP4", "NVFP4"})
    void choosesTheLevelOfGgmlAroundTheMiddles(GgmlType type) {
        RowCodec ggml = new GgmlRowCodec(type);
        RowCodec wide = WideRowCodec.of(ggml);
        Random random = new Random(71);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(JAVA_FLOAT, LENGTH);
            MemorySegment expected = arena.allocate(type.rowBytes(LENGTH));
            MemorySegment packed = arena.allocate(type.rowBytes(LENGTH));
            for (int eighths = 0; eighths < 8 * 24; eighths++) {
                float largest = 12 * Math.scalb(8f + eighths % 8, eighths / 8 - 16);
                for (int i = 0; i < LENGTH; i++) {
                    float middle = random.nextInt(25) * largest / 24;
                    float nearby = Float.intBitsToFloat(Float.floatToRawIntBits(middle) + random.nextInt(-1, 2));
                    float value = middle == 0 || middle == largest ? middle : nearby;
                    floats.setAtIndex(JAVA_FLOAT, i, random.nextBoolean() ? value : -value);
                }
                for (int i = 0; i < LENGTH; i += 16) {
                    floats.setAtIndex(JAVA_FLOAT, i + random.nextInt(16), largest);
                }
                ggml.quantize(LENGTH, 1, floats, NULL, expected);
                wide.quantize(LENGTH, 1, floats, NULL, packed);
                assertThat(packed.toArray(JAVA_BYTE)).as("%s", largest).isEqualTo(expected.toArray(JAVA_BYTE));
            }
        }
    }

    /** The logarithm of a float just below a power of two may be rounded up, and then the exponent is another. */
    @Test
    void leavesScalesThatDependOnTheLogarithmToGgml() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 32);
            MemorySegment packed = arena.allocate(GgmlType.MXFP4.blockBytes());
            for (float value : new float[] {Math.nextDown(32f), 0x1p-125f, Float.MIN_VALUE}) {
                floats.setAtIndex(JAVA_FLOAT, 5, value);
                assertThat(new WideMxfp4().quantize(floats, 0, 1, NULL, packed, 0))
                        .as("%s", value)
                        .isFalse();
            }
            for (float value :
                    new float[] {32f, Math.nextUp(32f), Float.float16ToFloat((short) 0x3bff), 0x1p-123f, 0}) {
                floats.setAtIndex(JAVA_FLOAT, 5, value);
                assertThat(new WideMxfp4().quantize(floats, 0, 1, NULL, packed, 0))
                        .as("%s", value)
                        .isTrue();
            }
        }
    }
}
