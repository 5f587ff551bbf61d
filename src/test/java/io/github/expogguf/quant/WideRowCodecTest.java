package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.quant.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class WideRowCodecTest extends RowCodecContract {

    /** Super-blocks per type and kind of weights; {@code -Dexpo.gguf.test.blocks=150000} for a long run. */
    private static final int BLOCKS = Integer.getInteger("expo.gguf.test.blocks", 120);

    private static final int BLOCKS_PER_CALL = 60;

    /** Blocks of a row; 1, and numbers that leave groups of lanes unfilled. */
    private static final int[] ROW_BLOCKS = {1, 2, 3, 5, 16, 17};

    static List<GgmlType> types() {
        return Arrays.stream(GgmlType.values())
                .filter(type -> WideRowCodec.isSupported(type, false) || WideRowCodec.isSupported(type, true))
                .toList();
    }

    static Stream<Arguments> typesAndWeights() {
        return types().stream().flatMap(type -> Arrays.stream(Weights.values()).map(kind -> Arguments.of(type, kind)));
    }

    @Override
    List<RowCodec> codecs() {
        return types().stream()
                .<RowCodec>map(type -> WideRowCodec.of(new GgmlRowCodec(type)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("typesAndWeights")
    void writesTheBytesOfGgml(GgmlType type, Weights kind) {
        assertBytesOfGgml(type, kind, List.of(Importance.NONE));
    }

    @ParameterizedTest
    @MethodSource("typesAndWeights")
    void writesTheBytesOfGgmlWithImportance(GgmlType type, Weights kind) {
        assertBytesOfGgml(type, kind, Importance.ALL);
    }

    private static void assertBytesOfGgml(GgmlType type, Weights kind, List<Importance> importances) {
        RowCodec ggml = new GgmlRowCodec(type);
        RowCodec wide = WideRowCodec.of(ggml);
        Random random = new Random(61);
        int length = BLOCKS_PER_CALL * 256;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(length * (long) Float.BYTES, Float.BYTES);
            MemorySegment weights = arena.allocate(floats.byteSize(), Float.BYTES);
            MemorySegment expected = arena.allocate(type.rowBytes(length));
            Bits.Guarded packed = Bits.Guarded.allocate(arena, expected.byteSize());
            int index = 0;
            for (int call = 0; call < BLOCKS / BLOCKS_PER_CALL * importances.size(); call++) {
                for (int i = 0; i < length; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, kind.next(random, index++));
                }
                Importance importanceKind = importances.get(call % importances.size());
                int rowBlocks = ROW_BLOCKS[(call + call / Importance.ALL.size()) % ROW_BLOCKS.length];
                long rowLength = rowBlocks * (long) type.blockSize();
                long rowCount = length / rowLength - call % 2; // an odd number of blocks, too
                MemorySegment importance = NULL;
                if (importanceKind != Importance.NONE) {
                    importance = weights.asSlice(0, rowLength * Float.BYTES);
                    for (int i = 0; i < rowLength; i++) {
                        importance.setAtIndex(JAVA_FLOAT, i, importanceKind.next(random, i));
                    }
                }
                if (!isPossible(ggml, rowLength, rowCount, floats, importance, expected)) {
                    assertThat(isPossible(wide, rowLength, rowCount, floats, importance, packed.inner())).isFalse();
                    continue;
                }
                wide.quantize(rowLength, rowCount, floats, importance, packed.inner());
                long bytes = type.rowBytes(rowLength) * rowCount;
                assertThat(packed.inner().asSlice(0, bytes).mismatch(expected.asSlice(0, bytes)))
                        .as("%s of %s, importance %s in call %d, block of %d bytes",
                                kind, type, importanceKind, call, type.blockBytes())
                        .isEqualTo(-1);
            }
            assertThat(packed.isIntact()).as("guard bytes").isTrue();
        }
    }

    /** Importance near the limits of a float may lead to scales that are not finite. */
    private static boolean isPossible(
            RowCodec codec,
            long rowLength,
            long rowCount,
            MemorySegment source,
            MemorySegment importance,
            MemorySegment target) {
        try {
            codec.quantize(rowLength, rowCount, source, importance, target);
            return true;
        } catch (NonFiniteException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void leavesNoUsualWeightsToGgml(GgmlType type) {
        Random random = new Random(62);
        for (boolean hasImportance : new boolean[] {false, true}) {
            if (!WideRowCodec.isSupported(type, hasImportance) || hasImportance && WideRowCodec.goesByRows(type)) {
                continue;
            }
            BlockQuantizer quantizer = WideRowCodec.quantizer(type, hasImportance);
            int size = quantizer.groupSize();
            int length = size * type.blockSize();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment floats = arena.allocate(length * (long) Float.BYTES, Float.BYTES);
                MemorySegment importance = NULL;
                if (hasImportance) {
                    importance = arena.allocate(length * (long) Float.BYTES, Float.BYTES);
                    for (int i = 0; i < length; i++) {
                        importance.setAtIndex(JAVA_FLOAT, i, Importance.USUAL.next(random, i));
                    }
                }
                MemorySegment packed = arena.allocate(type.rowBytes(length));
                for (Weights kind : List.of(Weights.NORMAL, Weights.HALVES, Weights.HEAVY_TAILED, Weights.ZERO)) {
                    for (int i = 0; i < length; i++) {
                        floats.setAtIndex(JAVA_FLOAT, i, kind.next(random, i));
                    }
                    assertThat(quantizer.quantize(floats, 0, size, importance, packed, 0)).as(kind.name()).isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void refusesImportanceThatIsNegativeOrNotFinite(GgmlType type) {
        RowCodec wide = WideRowCodec.of(new GgmlRowCodec(type));
        int length = type.blockSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = values(arena, length, 63);
            MemorySegment packed = arena.allocate(type.rowBytes(length));
            for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
                MemorySegment importance = importance(arena, length);
                importance.setAtIndex(JAVA_FLOAT, length - 1L, bad);
                assertThatThrownBy(() -> wide.quantize(length, 1, floats, importance, packed))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(type + ": importance of column " + (length - 1) + " is " + bad
                                + ", expected a finite number, 0 or more");
            }
        }
    }
}
