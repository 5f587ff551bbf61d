package io.github.expogguf.quant.simple;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.GgmlRowCodec;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.WideRowCodecTest;
import io.github.expogguf.quant.cases.Importance;
import io.github.expogguf.quant.cases.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
class WeighedSimpleRowTest {

    /** {@link WideRowCodecTest} would not notice if ggml did all the work. */
    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1"})
    void leavesNoUsualRowToGgml(GgmlType type) {
        WeighedSimpleRow quantizer = new WeighedSimpleRow(type);
        RowCodec ggml = new GgmlRowCodec(type);
        Random random = new Random(81);
        int rowLength = 18 * 32; // a group of 16 blocks and one of 2
        long floatBytes = rowLength * (long) Float.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment floats = arena.allocate(WeighedSimpleRow.ROWS * floatBytes, Float.BYTES);
            MemorySegment importance = arena.allocate(floatBytes, Float.BYTES);
            MemorySegment packed = arena.allocate(WeighedSimpleRow.ROWS * type.rowBytes(rowLength));
            MemorySegment expected = arena.allocate(packed.byteSize());
            for (int i = 0; i < rowLength; i++) {
                importance.setAtIndex(JAVA_FLOAT, i, Importance.USUAL.next(random, i));
            }
            for (Weights kind : List.of(Weights.NORMAL, Weights.HALVES, Weights.HEAVY_TAILED, Weights.ZERO)) {
                for (int i = 0; i < WeighedSimpleRow.ROWS * rowLength; i++) {
                    floats.setAtIndex(JAVA_FLOAT, i, kind.next(random, i));
                }
                quantizer.sumSquares(floats, 0, rowLength, WeighedSimpleRow.ROWS);
                for (int row = 0; row < WeighedSimpleRow.ROWS; row++) {
                    long target = row * type.rowBytes(rowLength);
                    assertThat(quantizer.quantize(row, floats, row * floatBytes, rowLength, importance, packed, target))
                            .as("%s in row %d", kind, row)
                            .isTrue();
                }
                ggml.quantize(rowLength, WeighedSimpleRow.ROWS, floats, importance, expected);
                assertThat(packed.mismatch(expected)).as(kind.name()).isEqualTo(-1);
            }
        }
    }
}
