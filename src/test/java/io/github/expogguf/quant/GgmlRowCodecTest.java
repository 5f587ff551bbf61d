package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.GgmlCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("native")
class GgmlRowCodecTest extends RowCodecContract {

    @Override
    List<RowCodec> codecs() {
        return Arrays.stream(GgmlType.values())
                .filter(WeightTypes::isSupported)
                .<RowCodec>map(GgmlRowCodec::new)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void theListsOfTypesAreThoseOfGgml(GgmlType type) {
        GgmlCalls.toFloat(GgmlType.F16); // loads the library
        boolean unpacks = type == GgmlType.F32 || !GgmlCalls.toFloat(type).equals(NULL);
        assertThat(WeightTypes.isSupported(type)).isEqualTo(unpacks);
        assertThat(WeightTypes.needsImportance(type)).isEqualTo(Llama.ggml_quantize_requires_imatrix(type.id()));
    }

    @Test
    void readsTheScaleAndTheNibblesOfQ4_0() {
        // block_q4_0 of ggml-common.h: half d; 16 bytes, value j in the lower nibble of byte j, j + 16 in the upper one
        Random random = new Random(31);
        byte[] packed = new byte[5 * 18];
        random.nextBytes(packed);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(JAVA_BYTE, packed);
            MemorySegment target = arena.allocate(JAVA_FLOAT, 5 * 32);
            for (int block = 0; block < 5; block++) {
                source.set(JAVA_SHORT, block * 18, Float.floatToFloat16(random.nextFloat(-1, 1)));
            }
            new GgmlRowCodec(GgmlType.Q4_0).dequantize(5 * 32, 1, source, target);
            for (int i = 0; i < 5 * 32; i++) {
                long block = i / 32 * 18;
                float scale = Float.float16ToFloat(source.get(JAVA_SHORT, block));
                int nibbles = source.get(JAVA_BYTE, block + 2 + i % 16);
                int quant = (i % 32 < 16 ? nibbles & 15 : nibbles >> 4 & 15) - 8;
                assertThat(target.getAtIndex(JAVA_FLOAT, i)).isEqualTo(quant * scale);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"I8", "I16", "I32", "I64", "F64"})
    void refusesTypesWithoutWeights(GgmlType type) {
        assertThatThrownBy(() -> new GgmlRowCodec(type))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(type + " holds no weights and cannot be converted to floats");
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"Q8_1", "Q8_K"})
    void refusesTypesOfIntermediateResults(GgmlType type) {
        assertThatThrownBy(() -> new GgmlRowCodec(type))
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(type + " is a type of intermediate results and cannot be converted to floats");
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"IQ2_XXS", "IQ2_XS", "IQ1_S"})
    void refusesToGoWithoutImportanceWhereGgmlWouldAbort(GgmlType type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, 256, 32);
            MemorySegment packed = arena.allocate(type.rowBytes(256), 64);
            assertThatThrownBy(() -> new GgmlRowCodec(type).quantize(256, 1, floats, NULL, packed))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessage(type + " needs an importance matrix");
        }
    }

    @Test
    void refusesImportanceThatIsNotANumberOrNegative() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, 256, 33);
            MemorySegment packed = arena.allocate(GgmlType.IQ3_S.rowBytes(256), 64);
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -1f, -Float.MIN_VALUE}) {
                MemorySegment importance = importance(arena, 256);
                importance.setAtIndex(JAVA_FLOAT, 255, bad);
                assertThatThrownBy(() -> new GgmlRowCodec(GgmlType.IQ3_S).quantize(256, 1, floats, importance, packed))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "IQ3_S: importance of column 255 is " + bad + ", expected a finite number, 0 or more");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"})
    void refusesMagnitudesBeyondTheScales(GgmlType type) {
        RowCodec codec = new GgmlRowCodec(type);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(type.rowBytes(256), 64);
            MemorySegment tooLarge = values(arena, 256, 34);
            tooLarge.setAtIndex(JAVA_FLOAT, 200, -0x1p26f);
            tooLarge.setAtIndex(JAVA_FLOAT, 201, Float.MAX_VALUE);
            assertThatThrownBy(() -> codec.quantize(256, 1, tooLarge, importance(arena, 256), packed))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage("2 of 256 values are too large for " + type + ": 6.7108864E7 or more");
            MemorySegment importance = importance(arena, 256);
            importance.setAtIndex(JAVA_FLOAT, 9, 0x1p40f);
            assertThatThrownBy(() -> codec.quantize(256, 1, values(arena, 256, 34), importance, packed))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessage(type + ": importance of column 9 is 1.0995116E12, expected less than 1.0995116E12");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"})
    void ggmlSurvivesTheLargestMagnitudesThatAreLetThrough(GgmlType type) {
        // an abort would end this JVM; that the values do not fit the scales of the type is another matter
        RowCodec codec = new GgmlRowCodec(type);
        float value = Math.nextDown(0x1p26f);
        float weight = Math.nextDown(0x1p40f);
        Random random = new Random(35);
        int tooLarge = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(type.rowBytes(256), 64);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, 256);
            MemorySegment importance = arena.allocate(JAVA_FLOAT, 256);
            for (int pattern = 0; pattern < 12; pattern++) {
                for (int i = 0; i < 256; i++) {
                    float sign = pattern % 2 == 0 ? 1 : random.nextBoolean() ? 1 : -1;
                    float magnitude = switch (pattern % 3) {
                        case 0 -> 1;
                        case 1 -> random.nextFloat();
                        default -> i % 8 == 0 ? 1 : 1e-30f;
                    };
                    floats.setAtIndex(JAVA_FLOAT, i, sign * value * magnitude);
                    importance.setAtIndex(JAVA_FLOAT, i, pattern < 6 ? weight : weight * random.nextFloat());
                }
                try {
                    codec.quantize(256, 1, floats, importance, packed);
                } catch (NonFiniteException e) {
                    assertThat(e).hasMessage("values are too large for " + type + ": the scale of a block is infinite");
                    tooLarge++;
                }
            }
        }
        assertThat(tooLarge).isPositive();
    }

    @Test
    void refusesValuesWhoseScaleOverflows() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocateFrom(JAVA_FLOAT, new float[32]);
            floats.setAtIndex(JAVA_FLOAT, 3, 1e30f);
            MemorySegment packed = arena.allocate(18, 64);
            assertThatThrownBy(() -> new GgmlRowCodec(GgmlType.Q4_0).quantize(32, 1, floats, NULL, packed))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage("values are too large for Q4_0: the scale of a block is infinite");
        }
    }

    @Test
    void importanceChangesTheBytesOfQ4_K() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, 256, 36);
            MemorySegment without = arena.allocate(144, 64);
            MemorySegment with = arena.allocate(144, 64);
            new GgmlRowCodec(GgmlType.Q4_K).quantize(256, 1, floats, NULL, without);
            new GgmlRowCodec(GgmlType.Q4_K).quantize(256, 1, floats, importance(arena, 256), with);
            assertThat(with.mismatch(without)).isNotEqualTo(-1);
        }
    }
}
