package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.cases.Counterexample;
import io.github.expogguf.quant.cases.Importance;
import io.github.expogguf.quant.cases.QuantizeCase;
import io.github.expogguf.quant.cases.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That codecs which are wrong are found out, and how plainly that is said. */
@Tag("native")
class QuantizePropertyTest {

    private static final GgmlType TYPE = GgmlType.Q4_K;

    /** A ggml with a defect: it does something to the bytes of each block that shows a symptom. */
    private record Defective(RowCodec ggml, Symptom symptom, Defect defect) implements RowCodec {

        interface Symptom {
            boolean isIn(float[] row, float[] importance, int block);
        }

        interface Defect {
            void spoil(MemorySegment packedBlock);
        }

        @Override
        public GgmlType type() {
            return ggml.type();
        }

        @Override
        public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
            throw new IllegalStateException("not asked for here");
        }

        @Override
        public void quantize(
                long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
            ggml.quantize(rowLength, rowCount, source, importance, target);
            float[] weights = importance.toArray(JAVA_FLOAT); // empty where there is none
            for (long row = 0; row < rowCount; row++) {
                float[] values = source.asSlice(row * rowLength * Float.BYTES, rowLength * Float.BYTES)
                        .toArray(JAVA_FLOAT);
                for (int block = 0; block < rowLength / type().blockSize(); block++) {
                    if (symptom.isIn(values, weights, block)) {
                        long offset = row * type().rowBytes(rowLength) + (long) block * type().blockBytes();
                        defect.spoil(target.asSlice(offset, type().blockBytes()));
                    }
                }
            }
        }

        static float[] block(float[] row, int block) {
            return Arrays.copyOfRange(row, block * TYPE.blockSize(), (block + 1) * TYPE.blockSize());
        }
    }

    private static Counterexample found(RowCodec codec, Weights kind, List<Importance> importances) {
        QuantizeProperty property = new QuantizeProperty(new GgmlRowCodec(codec.type()), codec, kind, importances);
        return catchThrowableOfType(Counterexample.class, () -> property.check(0));
    }

    private static Counterexample found(Defective.Symptom symptom, Importance importance) {
        return found(
                new Defective(new GgmlRowCodec(TYPE), symptom, QuantizePropertyTest::flip),
                Weights.NORMAL,
                List.of(importance));
    }

    /** The 24th byte of a block: none of its scales. */
    private static void flip(MemorySegment packedBlock) {
        packedBlock.set(JAVA_BYTE, 23, (byte) (packedBlock.get(JAVA_BYTE, 23) ^ 4));
    }

    private static boolean any(float[] floats, DoublePredicate condition) {
        for (float value : floats) {
            if (condition.test(value)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void shrinksToOneValue() {
        Counterexample found =
                found((row, _, block) -> any(Defective.block(row, block), value -> value > 0.05), Importance.USUAL);
        QuantizeCase smallest = found.smallest();
        assertThat(smallest.blocks()).isEqualTo(1);
        assertThat(smallest.importance()).isEmpty();
        assertThat(smallest.values()).containsOnly(0, 1).containsOnlyOnce(1);
        assertThat(found.tries()).isLessThan(200);
        assertThat(found.getMessage())
                .startsWith("not what ggml writes: Q4_K, weights NORMAL, importance USUAL, case 0\n")
                .contains("\n  type        Q4_K\n  row length  256\n  row count   1\n  importance  none\n")
                .containsPattern("values      (\\d+ x 0x0.0p0, )?0x1.0p0(, \\d+ x 0x0.0p0)?\n")
                .containsPattern("ggml        [0-9a-f]{288}\n  ours        [0-9a-f]{288}\n")
                .endsWith("\n  difference  first at byte 23 of block 0: 04, expected 00");
    }

    @Test
    void keepsValuesThatAreNeededTogether() {
        Counterexample found = found(
                (row, _, block) -> any(Defective.block(row, block), value -> value > 0.04)
                        && any(Defective.block(row, block), value -> value < -0.04),
                Importance.NONE);
        assertThat(found.smallest().blocks()).isEqualTo(1);
        assertThat(found.smallest().values())
                .containsOnly(0, 1, -1)
                .containsOnlyOnce(1)
                .containsOnlyOnce(-1);
    }

    @Test
    void keepsBlocksThatAreNeededTogether() {
        Counterexample found = found((_, _, block) -> block == 2, Importance.NONE);
        assertThat(found.smallest().rowCount()).isEqualTo(1);
        assertThat(found.smallest().rowBlocks()).isEqualTo(3);
        assertThat(found.smallest().values()).containsOnly(0);
        assertThat(found).hasMessageContaining("difference  first at byte 23 of block 2: ");
    }

    @Test
    void keepsImportanceThatIsNeeded() {
        Counterexample found =
                found((_, importance, _) -> any(importance, weight -> weight == 0), Importance.WITH_ZEROS);
        assertThat(found.smallest().blocks()).isEqualTo(1);
        assertThat(found.smallest().importance().orElseThrow())
                .containsOnly(0, 1)
                .containsOnlyOnce(0);
        assertThat(found.smallest().values()).containsOnly(0);
    }

    @Test
    void findsAValueOfFewBits() {
        Counterexample found = found(
                (row, _, block) -> any(Defective.block(row, block), value -> value > 0.0625 && value < 0.078125),
                Importance.NONE);
        float[] values = found.smallest().values();
        assertThat(values).hasSize(256).contains(0);
        assertThat(any(
                        values,
                        value -> value != 0 && Float.toHexString((float) value).length() <= "0x1.2p-4".length()))
                .isTrue();
    }

    @Test
    void findsExceptions() {
        RowCodec throwing = new Defective(
                new GgmlRowCodec(TYPE),
                (row, _, block) -> any(Defective.block(row, block), value -> value > 0.05),
                block -> block.get(JAVA_BYTE, 144));
        Counterexample found = found(throwing, Weights.NORMAL, List.of(Importance.NONE));
        assertThat(found.smallest().values()).hasSize(256).containsOnlyOnce(1);
        assertThat(found)
                .hasCauseInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("ours        throws java.lang.IndexOutOfBoundsException");
    }

    @Test
    void findsBytesOutsideOfTheTarget() {
        RowCodec overrunning = new Defective(
                new GgmlRowCodec(TYPE),
                (row, _, block) -> any(Defective.block(row, block), value -> value > 0.05),
                block -> block.reinterpret(145).set(JAVA_BYTE, 144, (byte) 1));
        Counterexample found = found(overrunning, Weights.NORMAL, List.of(Importance.NONE));
        assertThat(found.smallest().blocks()).isEqualTo(1);
        assertThat(found).hasMessageEndingWith("difference  outside of the target");
    }

    @Test
    void findsValuesThatOnlyGgmlRefuses() {
        RowCodec ggml = new GgmlRowCodec(GgmlType.IQ3_S); // refuses importance from 2^40
        RowCodec lenient = new RowCodec() {
            @Override
            public GgmlType type() {
                return ggml.type();
            }

            @Override
            public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
                throw new IllegalStateException("not asked for here");
            }

            @Override
            public void quantize(
                    long rowLength,
                    long rowCount,
                    MemorySegment source,
                    MemorySegment importance,
                    MemorySegment target) {
                target.fill((byte) 0);
            }
        };
        Counterexample found = found(lenient, Weights.ZERO, List.of(Importance.HUGE));
        assertThat(found).isNotNull().hasMessageContaining("ours        00");
    }

    @Test
    void givesTheSameReportEveryTime() {
        Defective.Symptom symptom = (row, _, block) -> any(Defective.block(row, block), value -> value > 0.05);
        assertThat(found(symptom, Importance.USUAL))
                .hasMessage(found(symptom, Importance.USUAL).getMessage());
    }

    @Test
    void countsTheBlocksItCompares() {
        RowCodec ggml = new GgmlRowCodec(GgmlType.Q8_0);
        QuantizeProperty property =
                new QuantizeProperty(ggml, new GgmlRowCodec(GgmlType.Q8_0), Weights.NORMAL, List.of(Importance.NONE));
        long few = property.next(0, 1).blocks() + property.next(1, 1).blocks();
        assertThat(property.check(0)).isEqualTo(few);
        assertThat(property.check(few + 1)).isEqualTo(few + property.next(2, 1).blocks());
    }
}
