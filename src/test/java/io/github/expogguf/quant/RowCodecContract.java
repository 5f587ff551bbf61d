package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.GgmlCalls;
import io.github.expogguf.quant.cases.Bits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every codec does, for every type it is offered for; ggml, called directly, is the oracle. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RowCodecContract {

    /**
     * Error of a value after quantizing and dequantizing, relative to the root mean square of values uniform in -1..1,
     * without importance where the type allows it, measured with ggml 0.23.0 and rounded up by a tenth.
     */
    private static final Map<GgmlType, Double> RELATIVE_ERROR = new EnumMap<>(Map.ofEntries(
            Map.entry(GgmlType.F32, 0.0),
            Map.entry(GgmlType.F16, 0.0003),
            Map.entry(GgmlType.BF16, 0.002),
            Map.entry(GgmlType.Q8_0, 0.0041),
            Map.entry(GgmlType.Q6_K, 0.015),
            Map.entry(GgmlType.Q5_K, 0.031),
            Map.entry(GgmlType.Q5_1, 0.033),
            Map.entry(GgmlType.Q5_0, 0.035),
            Map.entry(GgmlType.Q4_K, 0.061),
            Map.entry(GgmlType.Q4_1, 0.067),
            Map.entry(GgmlType.Q4_0, 0.071),
            Map.entry(GgmlType.IQ4_NL, 0.072),
            Map.entry(GgmlType.IQ4_XS, 0.072),
            Map.entry(GgmlType.NVFP4, 0.113),
            Map.entry(GgmlType.Q3_K, 0.139),
            Map.entry(GgmlType.IQ3_S, 0.158),
            Map.entry(GgmlType.MXFP4, 0.159),
            Map.entry(GgmlType.IQ3_XXS, 0.207),
            Map.entry(GgmlType.Q2_K, 0.258),
            Map.entry(GgmlType.IQ2_S, 0.269),
            Map.entry(GgmlType.IQ2_XS, 0.315),
            Map.entry(GgmlType.IQ2_XXS, 0.368),
            Map.entry(GgmlType.IQ1_S, 0.467),
            Map.entry(GgmlType.IQ1_M, 0.58),
            Map.entry(GgmlType.TQ1_0, 0.54),
            Map.entry(GgmlType.TQ2_0, 0.54),
            Map.entry(GgmlType.Q1_0, 0.548),
            Map.entry(GgmlType.Q2_0, 0.531)));

    private static final int ROW_COUNT = 5;

    /** The codecs under test, one for each of their types. */
    abstract List<RowCodec> codecs();

    List<Named<RowCodec>> cases() {
        return codecs().stream()
                .map(codec -> Named.of(codec.type().name(), codec))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void quantizesAsGgmlDoes(RowCodec codec) {
        GgmlType type = codec.type();
        for (long rowLength : rowLengths(type)) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = values(arena, ROW_COUNT * rowLength, 21);
                for (MemorySegment importance : List.of(NULL, importance(arena, rowLength))) {
                    if (importance.equals(NULL) && WeightTypes.needsImportance(type)) {
                        continue;
                    }
                    long rowBytes = type.rowBytes(rowLength);
                    Bits.Guarded packed = Bits.Guarded.allocate(arena, ROW_COUNT * rowBytes);
                    codec.quantize(rowLength, ROW_COUNT, floats, importance, packed.inner());
                    assertThat(packed.isIntact()).as("guard bytes").isTrue();

                    MemorySegment expected = arena.allocate(ROW_COUNT * rowBytes, 64);
                    long written = GgmlCalls.quantize(type, floats, expected, ROW_COUNT, rowLength, importance);
                    assertThat(written).isEqualTo(expected.byteSize());
                    assertThat(packed.inner().mismatch(expected)).isEqualTo(-1);

                    MemorySegment byRow = arena.allocate(ROW_COUNT * rowBytes, 64);
                    for (int row = 0; row < ROW_COUNT; row++) {
                        codec.quantize(
                                rowLength,
                                1,
                                floats.asSlice(row * rowLength * Float.BYTES, rowLength * Float.BYTES),
                                importance,
                                byRow.asSlice(row * rowBytes, rowBytes));
                    }
                    assertThat(byRow.mismatch(expected)).isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void dequantizesAnyBytesAsGgmlDoes(RowCodec codec) {
        GgmlType type = codec.type();
        for (long rowLength : rowLengths(type)) {
            try (Arena arena = Arena.ofConfined()) {
                long rowBytes = type.rowBytes(rowLength);
                MemorySegment packed = randomBytes(arena, ROW_COUNT * rowBytes);
                Bits.Guarded floats = Bits.Guarded.allocate(arena, ROW_COUNT * rowLength * Float.BYTES);
                codec.dequantize(rowLength, ROW_COUNT, packed, floats.inner());
                assertThat(floats.isIntact()).as("guard bytes").isTrue();

                MemorySegment expected = arena.allocate(floats.inner().byteSize(), 64);
                if (type == GgmlType.F32) {
                    expected.copyFrom(packed); // ggml has no to_float for it
                } else {
                    GgmlCalls.dequantize(GgmlCalls.toFloat(type), packed, expected, ROW_COUNT * rowLength);
                }
                assertThat(floats.inner().mismatch(expected)).isEqualTo(-1);

                MemorySegment byRow = arena.allocate(floats.inner().byteSize(), 64);
                for (int row = 0; row < ROW_COUNT; row++) {
                    codec.dequantize(
                            rowLength,
                            1,
                            packed.asSlice(row * rowBytes, rowBytes),
                            byRow.asSlice(row * rowLength * Float.BYTES, rowLength * Float.BYTES));
                }
                assertThat(byRow.mismatch(expected)).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valuesSurviveWithinTheErrorOfTheType(RowCodec codec) {
        GgmlType type = codec.type();
        long rowLength = 512;
        try (Arena arena = Arena.ofConfined()) {
            Random random = new Random(22);
            MemorySegment floats = arena.allocate(JAVA_FLOAT, ROW_COUNT * rowLength);
            for (int i = 0; i < ROW_COUNT * rowLength; i++) {
                floats.setAtIndex(JAVA_FLOAT, i, random.nextFloat(-1, 1));
            }
            MemorySegment importance = NULL;
            if (WeightTypes.needsImportance(type)) {
                importance = arena.allocate(JAVA_FLOAT, rowLength);
                for (int i = 0; i < rowLength; i++) {
                    importance.setAtIndex(JAVA_FLOAT, i, 1);
                }
            }
            MemorySegment packed = arena.allocate(ROW_COUNT * type.rowBytes(rowLength), 64);
            MemorySegment back = arena.allocate(JAVA_FLOAT, ROW_COUNT * rowLength);
            codec.quantize(rowLength, ROW_COUNT, floats, importance, packed);
            codec.dequantize(rowLength, ROW_COUNT, packed, back);
            double error = 0;
            double energy = 0;
            for (int i = 0; i < ROW_COUNT * rowLength; i++) {
                double value = floats.getAtIndex(JAVA_FLOAT, i);
                error += Math.pow(value - back.getAtIndex(JAVA_FLOAT, i), 2);
                energy += value * value;
            }
            assertThat(Math.sqrt(error / energy)).isLessThanOrEqualTo(RELATIVE_ERROR.get(type));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void leavesWhatIsBehindTheRowsAlone(RowCodec codec) {
        GgmlType type = codec.type();
        long rowLength = type.blockSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, 3 * rowLength, 23);
            MemorySegment importance = importance(arena, rowLength);
            MemorySegment packed =
                    arena.allocate(3 * type.rowBytes(rowLength), 64).fill((byte) 7);
            codec.quantize(rowLength, 2, floats, importance, packed);
            assertFilled(packed.asSlice(2 * type.rowBytes(rowLength)));
            MemorySegment back = arena.allocate(JAVA_FLOAT, 3 * rowLength).fill((byte) 7);
            codec.dequantize(rowLength, 2, packed, back);
            assertFilled(back.asSlice(2 * rowLength * Float.BYTES));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesValuesThatAreNotFinite(RowCodec codec) {
        GgmlType type = codec.type();
        long rowLength = type.blockSize() * 3L;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment importance = importance(arena, rowLength);
            MemorySegment packed = arena.allocate(type.rowBytes(rowLength), 64);
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                MemorySegment floats = values(arena, rowLength, 24);
                floats.setAtIndex(JAVA_FLOAT, rowLength - 1, bad);
                assertThatThrownBy(() -> codec.quantize(rowLength, 1, floats, importance, packed))
                        .isInstanceOf(NonFiniteException.class)
                        .hasMessageStartingWith("1 of " + rowLength + " values are infinite or NaN as " + type);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesShapesThatDoNotFit(RowCodec codec) {
        GgmlType type = codec.type();
        long block = type.blockSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, 2 * block, 25);
            MemorySegment importance = importance(arena, block);
            MemorySegment packed = arena.allocate(2 * type.rowBytes(block), 64);
            assertRefused(codec, 0, 1, floats, packed, type + ": row length 0 is not positive");
            assertRefused(codec, -block, 1, floats, packed, type + ": row length " + -block + " is not positive");
            assertRefused(codec, block, 0, floats, packed, type + ": row count 0 is not positive");
            assertRefused(codec, block, -2, floats, packed, type + ": row count -2 is not positive");
            assertRefused(
                    codec,
                    1L << 40,
                    1L << 30,
                    floats,
                    packed,
                    type + ": 1073741824 rows of 1099511627776 are more than a segment holds");
            assertRefused(
                    codec,
                    1L << 40,
                    1L << 22,
                    floats,
                    packed,
                    type + ": 4194304 rows of 1099511627776 are more than a segment holds");
            if (block > 1) {
                long odd = block + block / 2;
                assertRefused(
                        codec,
                        odd,
                        1,
                        floats,
                        packed,
                        "row length " + odd + " is not a multiple of " + block + " (block size of " + type + ")");
            }

            long floatBytes = 8 * block;
            String fewFloats = " has " + (floatBytes - 1) + " bytes, expected at least " + floatBytes;
            long packedBytes = packed.byteSize();
            String fewPacked = " has " + (packedBytes - 1) + " bytes, expected at least " + packedBytes;
            MemorySegment shortFloats = floats.asSlice(0, floatBytes - 1);
            MemorySegment shortPacked = packed.asSlice(0, packedBytes - 1);
            assertThatThrownBy(() -> codec.quantize(block, 2, shortFloats, importance, packed))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(type + ": source" + fewFloats);
            assertThatThrownBy(() -> codec.quantize(block, 2, floats, importance, shortPacked))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(type + ": target" + fewPacked);
            assertThatThrownBy(() -> codec.dequantize(block, 2, shortPacked, floats))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(type + ": source" + fewPacked);
            assertThatThrownBy(() -> codec.dequantize(block, 2, packed, shortFloats))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(type + ": target" + fewFloats);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesSegmentsThatNativeCodeMustNotSee(RowCodec codec) {
        GgmlType type = codec.type();
        long block = type.blockSize();
        int packedBytes = (int) type.rowBytes(block);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, block, 26);
            MemorySegment importance = importance(arena, block);
            MemorySegment packed = arena.allocate(packedBytes, 64);
            MemorySegment heapFloats = MemorySegment.ofArray(new float[(int) block]);
            MemorySegment heapBytes = MemorySegment.ofArray(new byte[packedBytes]);
            MemorySegment odd = arena.allocate(4 * block + 4, 64).asSlice(1, 4 * block);
            assertQuantizeRefused(codec, heapFloats, importance, packed, "source is not a native segment");
            assertQuantizeRefused(codec, floats, heapFloats, packed, "importance is not a native segment");
            assertQuantizeRefused(codec, floats, importance, heapBytes, "target is not a native segment");
            assertQuantizeRefused(codec, NULL, importance, packed, "source is not a native segment");
            assertQuantizeRefused(codec, floats, importance, NULL, "target is not a native segment");
            assertQuantizeRefused(codec, floats, importance, packed.asReadOnly(), "target is read-only");
            assertQuantizeRefused(codec, odd, importance, packed, "source is not aligned to 4 bytes");
            assertQuantizeRefused(codec, floats, odd, packed, "importance is not aligned to 4 bytes");
            assertQuantizeRefused(codec, floats, importance, floats, "the segments overlap");
            MemorySegment longer = importance(arena, block + 1);
            assertQuantizeRefused(
                    codec,
                    floats,
                    longer,
                    packed,
                    "importance has " + 4 * (block + 1) + " bytes, expected " + 4 * block + " (one float for each of "
                            + block + " columns)");
            assertDequantizeRefused(codec, heapBytes, floats, "source is not a native segment");
            assertDequantizeRefused(codec, packed, heapFloats, "target is not a native segment");
            assertDequantizeRefused(codec, NULL, floats, "source is not a native segment");
            assertDequantizeRefused(codec, packed, NULL, "target is not a native segment");
            assertDequantizeRefused(codec, packed, floats.asReadOnly(), "target is read-only");
            assertDequantizeRefused(codec, packed, odd, "target is not aligned to 4 bytes");
            assertDequantizeRefused(codec, floats, floats, "the segments overlap");
        }
    }

    /** Refused in both directions. */
    private static void assertRefused(
            RowCodec codec, long rowLength, long rowCount, MemorySegment floats, MemorySegment packed, String message) {
        assertThatThrownBy(() -> codec.quantize(rowLength, rowCount, floats, NULL, packed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> codec.dequantize(rowLength, rowCount, packed, floats))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void assertQuantizeRefused(
            RowCodec codec, MemorySegment source, MemorySegment importance, MemorySegment target, String message) {
        assertThatThrownBy(() -> codec.quantize(codec.type().blockSize(), 1, source, importance, target))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(codec.type() + ": " + message);
    }

    private static void assertDequantizeRefused(
            RowCodec codec, MemorySegment source, MemorySegment target, String message) {
        assertThatThrownBy(() -> codec.dequantize(codec.type().blockSize(), 1, source, target))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(codec.type() + ": " + message);
    }

    /** One block, an odd number of blocks, and for types without blocks less and more than vectors and strips hold. */
    private static long[] rowLengths(GgmlType type) {
        return type.blockSize() > 1
                ? new long[] {type.blockSize(), 3L * type.blockSize()}
                : new long[] {1, 7, 8, 15, 16, 17, 33, 1023, 1025};
    }

    /** Gaussian like weights, with zeros, a subnormal and an outlier. */
    static MemorySegment values(Arena arena, long count, int seed) {
        Random random = new Random(seed);
        MemorySegment floats = arena.allocate(JAVA_FLOAT, count);
        for (long i = 0; i < count; i++) {
            float value = switch ((int) (i % 61)) {
                case 3 -> 0f;
                case 5 -> -0f;
                case 7 -> 0x1p-140f;
                case 41 -> 1.5f;
                default -> (float) (0.02 * random.nextGaussian());
            };
            floats.setAtIndex(JAVA_FLOAT, i, value);
        }
        return floats;
    }

    static MemorySegment importance(Arena arena, long rowLength) {
        Random random = new Random(27);
        MemorySegment importance = arena.allocate(JAVA_FLOAT, rowLength);
        for (long i = 0; i < rowLength; i++) {
            importance.setAtIndex(JAVA_FLOAT, i, i % 53 == 0 ? 0 : (float) Math.exp(2 * random.nextGaussian()));
        }
        return importance;
    }

    private static MemorySegment randomBytes(Arena arena, long bytes) {
        byte[] random = new byte[(int) bytes];
        new Random(28).nextBytes(random);
        return arena.allocate(bytes, 64).copyFrom(MemorySegment.ofArray(random));
    }

    private static void assertFilled(MemorySegment rest) {
        assertThat(rest.toArray(JAVA_BYTE)).containsOnly(7);
    }
}
