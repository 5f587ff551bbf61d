package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The arithmetic of sizes by numbers alone, since a file of such sizes could deceive a reader that counts otherwise.
 */
class SizesTest {

    private static final long MAX = Long.MAX_VALUE;

    @Test
    void elementsAreCountedExactly() {
        assertThat(new Shape(MAX).elementCount()).isEqualTo(MAX);
        assertThat(new Shape(1L << 31, 1L << 31).elementCount()).isEqualTo(1L << 62);
        for (long[] dimensions : new long[][] {
            {1L << 32, 1L << 31}, {1L << 32, 1L << 32}, {1 << 16, 1 << 16, 1 << 16, 1 << 16}, {MAX, 2}, {3, MAX, 1, 1}
        }) {
            assertThatThrownBy(() -> new Shape(dimensions)).isInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void noDimensionIsBelowOne() {
        for (long[] dimensions : new long[][] {{0}, {32, 0}, {1, 1, 0}, {-1}, {1, Long.MIN_VALUE}}) {
            assertThatThrownBy(() -> new Shape(dimensions))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith(" is below 1");
        }
    }

    @ParameterizedTest
    @CsvSource({"I64, 1530000000, 1530000000", "F32, 4611686018427387903, 1", "Q8_0, 9223372036854775776, 1"})
    void bytesAreCountedExactly(GgmlType type, long rowLength, long rows) {
        TensorInfo tensor = new TensorInfo("a", type, new Shape(rowLength, rows), 0);

        assertThatThrownBy(tensor::byteCount).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void bytesOfBlocksAreCountedExactly() {
        TensorInfo tensor = new TensorInfo("a", GgmlType.Q4_0, new Shape(1_024_819_115_206_086_208L), 0);

        assertThat(tensor.byteCount()).isEqualTo(576_460_752_303_423_492L);
    }

    @Test
    void paddingIsCountedExactly() {
        assertThat(GgufLimits.pad(MAX - 31, 32)).isEqualTo(MAX - 31);
        for (long bytes : new long[] {MAX, MAX - 30}) {
            assertThatThrownBy(() -> GgufLimits.pad(bytes, 32)).isInstanceOf(ArithmeticException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 3, 24, 1 << 17, 1 << 20, 1L << 31, 1L << 32, Long.MIN_VALUE})
    void otherAlignmentsAreRefused(long alignment) {
        assertThat(GgufLimits.isAlignment(alignment)).isFalse();
        assertThat(GgufLimits.isAlignment(GgufLimits.MAX_ALIGNMENT)).isTrue();
    }
}
