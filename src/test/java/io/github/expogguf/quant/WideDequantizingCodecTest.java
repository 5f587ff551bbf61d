package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.GgmlCalls;
import io.github.expogguf.quant.cases.Bits;
import io.github.expogguf.quant.cases.BlockCounts;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
@Execution(ExecutionMode.CONCURRENT) // where JUnit may use several threads, as make test-long lets it
class WideDequantizingCodecTest extends RowCodecContract {

    private static final int SCALES = 1 << 16;

    private static final int BLOCKS_PER_CALL = 1 << 11;

    private static final BlockCounts COMPARED = new BlockCounts();

    static List<GgmlType> types() {
        return Arrays.stream(GgmlType.values())
                .filter(WideDequantizingCodec::isSupported)
                .toList();
    }

    /** Without those that ggml takes seconds to quantize, which is its work here. */
    @Override
    List<RowCodec> codecs() {
        return types().stream()
                .filter(type -> !type.name().startsWith("IQ"))
                .<RowCodec>map(type -> WideDequantizingCodec.of(new GgmlRowCodec(type)))
                .toList();
    }

    /** Bytes before the scale of a block, a half. MXFP4 has an exponent of one byte there. */
    private static int scaleOffset(GgmlType type) {
        return switch (type) {
            case Q2_K -> 80;
            case Q3_K -> 108;
            case Q6_K -> 208;
            default -> 0;
        };
    }

    @ParameterizedTest
    @MethodSource("types")
    void computesTheFloatsOfGgmlForEveryScaleAndAnyBytes(GgmlType type) {
        RowCodec wide = WideDequantizingCodec.of(new GgmlRowCodec(type));
        Random random = new Random(71);
        byte[] bytes = new byte[BLOCKS_PER_CALL * type.blockBytes()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(bytes.length);
            Bits.Guarded floats = Bits.Guarded.allocate(arena, floatBytes(type, BLOCKS_PER_CALL));
            MemorySegment expected = arena.allocate(floats.inner().byteSize(), 64);
            for (int first = 0; first < Math.max(SCALES, BlockCounts.wanted(type)); first += BLOCKS_PER_CALL) {
                random.nextBytes(bytes);
                packed.copyFrom(MemorySegment.ofArray(bytes));
                for (int block = 0; block < BLOCKS_PER_CALL; block++) {
                    short scale = (short) (first + block);
                    packed.set(Lanes.HALF, (long) block * type.blockBytes() + scaleOffset(type), scale);
                }
                assertSameAsGgml(wide, BLOCKS_PER_CALL, packed, floats, expected);
                COMPARED.add(type, "dequantized", BLOCKS_PER_CALL);
            }
        }
    }

    @AfterAll
    static void printCounts() {
        COMPARED.print();
    }

    @ParameterizedTest
    @MethodSource("types")
    void dequantizesAnyNumberOfBlocks(GgmlType type) {
        RowCodec wide = WideDequantizingCodec.of(new GgmlRowCodec(type));
        int most = 2 * WideDequantizingCodec.STRIP / type.blockSize() + 3;
        byte[] bytes = new byte[most * type.blockBytes()];
        new Random(72).nextBytes(bytes);
        for (int blocks = 1; blocks <= most; blocks++) {
            try (Arena arena = Arena.ofConfined()) { // exactly as large as needed
                MemorySegment packed = arena.allocate((long) blocks * type.blockBytes(), 1);
                MemorySegment.copy(bytes, 0, packed, JAVA_BYTE, 0, blocks * type.blockBytes());
                Bits.Guarded floats = Bits.Guarded.allocate(arena, floatBytes(type, blocks));
                MemorySegment expected = arena.allocate(floats.inner().byteSize(), 64);
                assertSameAsGgml(wide, blocks, packed, floats, expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void isToldFromAGgmlThatComputesOtherwise(GgmlType type) {
        RowCodec ggml = new GgmlRowCodec(type);
        float[] floats = SwitchingRowCodec.dequantized(WideDequantizingCodec.of(ggml));
        assertThat(floats).isEqualTo(SwitchingRowCodec.dequantized(ggml));
        assertThat(floats).isNotEqualTo(SwitchingRowCodec.dequantized(new OneBitOff(ggml)));
    }

    /** A ggml that rounds the last float of a row another way. */
    private record OneBitOff(RowCodec ggml) implements RowCodec {
        @Override
        public GgmlType type() {
            return ggml.type();
        }

        @Override
        public void dequantize(long rowLength, long rowCount, MemorySegment source, MemorySegment target) {
            ggml.dequantize(rowLength, rowCount, source, target);
            float last = target.getAtIndex(JAVA_FLOAT, rowLength - 1);
            target.setAtIndex(JAVA_FLOAT, rowLength - 1, Float.isNaN(last) ? 0 : Math.nextUp(last));
        }

        @Override
        public void quantize(
                long rowLength, long rowCount, MemorySegment source, MemorySegment importance, MemorySegment target) {
            ggml.quantize(rowLength, rowCount, source, importance, target);
        }
    }

    private static void assertSameAsGgml(
            RowCodec wide, int blocks, MemorySegment packed, Bits.Guarded floats, MemorySegment expected) {
        GgmlType type = wide.type();
        long count = (long) blocks * type.blockSize();
        GgmlCalls.dequantize(GgmlCalls.toFloat(type), packed, expected, count);
        wide.dequantize(count, 1, packed, floats.inner());
        assertThat(floats.isIntact()).as("guard bytes").isTrue();
        if (floats.inner().mismatch(expected) == -1) {
            return;
        }
        for (long i = 0; i < count; i++) { // of two NaN that meet, the compiler is free to keep either
            float actual = floats.inner().getAtIndex(JAVA_FLOAT, i);
            float wanted = expected.getAtIndex(JAVA_FLOAT, i);
            assertThat(Float.floatToIntBits(actual))
                    .as("%s: float %d is %s, expected %s", type, i, actual, wanted)
                    .isEqualTo(Float.floatToIntBits(wanted));
        }
    }

    private static long floatBytes(GgmlType type, int blocks) {
        return (long) blocks * type.blockSize() * Float.BYTES;
    }
}
