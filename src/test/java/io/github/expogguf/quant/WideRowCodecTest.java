package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

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

    /** Super-blocks of a row; 1, and numbers that leave groups of lanes unfilled. */
    private static final int[] ROW_BLOCKS = {1, 2, 3, 5, 16};

    static List<GgmlType> types() {
        return Arrays.stream(GgmlType.values()).filter(WideRowCodec::isSupported).toList();
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
        RowCodec wide = WideRowCodec.of(new GgmlRowCodec(type));
        Random random = new Random(61);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(BLOCKS_PER_CALL * 256L * Float.BYTES, Float.BYTES);
            MemorySegment expected = arena.allocate(type.rowBytes(BLOCKS_PER_CALL * 256L));
            Bits.Guarded packed = Bits.Guarded.allocate(arena, expected.byteSize());
            int index = 0;
            for (int call = 0; call < BLOCKS / BLOCKS_PER_CALL; call++) {
                for (int i = 0; i < BLOCKS_PER_CALL * 256; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, kind.next(random, index++));
                }
                int rowBlocks = ROW_BLOCKS[call % ROW_BLOCKS.length];
                long rowLength = rowBlocks * 256L;
                long rowCount = BLOCKS_PER_CALL / rowBlocks - call % 2; // an odd number of super-blocks, too
                GgmlCalls.quantize(type, floats, expected, rowCount, rowLength, NULL);
                wide.quantize(rowLength, rowCount, floats, NULL, packed.inner());
                long bytes = type.rowBytes(rowLength) * rowCount;
                assertThat(packed.inner().asSlice(0, bytes).mismatch(expected.asSlice(0, bytes)))
                        .as("%s of %s in call %d, block of %d bytes", kind, type, call, type.blockBytes())
                        .isEqualTo(-1);
            }
            assertThat(packed.isIntact()).as("guard bytes").isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void leavesNoUsualWeightsToGgml(GgmlType type) {
        BlockQuantizer quantizer = WideRowCodec.quantizers(type).get();
        int size = quantizer.groupSize();
        Random random = new Random(62);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(size * 256L * Float.BYTES, Float.BYTES);
            MemorySegment packed = arena.allocate(type.rowBytes(size * 256L));
            for (Weights kind : List.of(Weights.NORMAL, Weights.HALVES, Weights.HEAVY_TAILED, Weights.ZERO)) {
                for (int i = 0; i < size * 256; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, kind.next(random, i));
                }
                assertThat(quantizer.quantize(floats, 0, size, packed, 0)).as(kind.name()).isTrue();
            }
        }
    }
}
