package io.github.expogguf.quant;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.cases.BlockCounts;
import io.github.expogguf.quant.cases.Counterexample;
import io.github.expogguf.quant.cases.Importance;
import io.github.expogguf.quant.cases.QuantizeCase;
import io.github.expogguf.quant.cases.Weights;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
@EnabledIf(
        value = "io.github.expogguf.simd.VectorSupport#isAvailable",
        disabledReason = "Java runs without --add-modules jdk.incubator.vector")
@Execution(ExecutionMode.CONCURRENT) // where JUnit may use several threads, as make test-long lets it
public class WideRowCodecTest extends RowCodecContract {

    private static final BlockCounts COMPARED = new BlockCounts();

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
        boolean hasImportance = !importances.contains(Importance.NONE);
        if (!WideRowCodec.isSupported(type, hasImportance)) {
            return; // ggml does it
        }
        RowCodec ggml = new GgmlRowCodec(type);
        QuantizeProperty property = new QuantizeProperty(ggml, WideRowCodec.of(ggml), kind, importances);
        long compared = property.check(Math.ceilDiv(BlockCounts.wanted(type), Weights.values().length));
        COMPARED.add(type, hasImportance ? "quantized with importance" : "quantized", compared);
    }

    @ParameterizedTest
    @MethodSource("types")
    void writesTheBytesOfGgmlForRowsOfAnyNumberOfBlocks(GgmlType type) {
        RowCodec ggml = new GgmlRowCodec(type);
        RowCodec wide = WideRowCodec.of(ggml);
        IntStream.concat(IntStream.rangeClosed(1, 33), IntStream.rangeClosed(63, 65))
                .forEach(rowBlocks -> {
                    for (Importance importance : List.of(Importance.NONE, Importance.USUAL)) {
                        if (WideRowCodec.isSupported(type, importance != Importance.NONE)) {
                            QuantizeCase rows = QuantizeProperty.random(
                                    type, Weights.NORMAL, importance, 1, rowBlocks, 2, 0, new SplittableRandom(64));
                            assertSame(rows, ggml, wide);
                        }
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("types")
    void refusesTheRowLengthsThatGgmlIsKeptFrom(GgmlType type) {
        RowCodec ggml = new GgmlRowCodec(type);
        RowCodec wide = WideRowCodec.of(ggml);
        int block = type.blockSize();
        for (int blocks : new int[] {0, 1, 2, 3, 16, 17}) {
            for (int more : new int[] {-1, 1, block / 2, block - 1}) {
                int length = blocks * block + more;
                float[] floats = new float[Math.max(1, length)];
                for (Optional<float[]> importance : List.of(Optional.<float[]>empty(), Optional.of(floats))) {
                    assertRefused(ggml, length, floats, importance);
                    assertRefused(wide, length, floats, importance);
                }
            }
        }
    }

    private static void assertRefused(RowCodec codec, int length, float[] floats, Optional<float[]> importance) {
        String expected = length <= 0
                ? codec.type() + ": row length " + length + " is not positive"
                : "row length " + length + " is not a multiple of "
                        + codec.type().blockSize() + " (block size of " + codec.type() + ")";
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(JAVA_FLOAT, floats);
            MemorySegment weights =
                    importance.map(all -> arena.allocateFrom(JAVA_FLOAT, all)).orElse(NULL);
            MemorySegment target =
                    arena.allocate(source.byteSize() + codec.type().blockBytes());
            assertThatThrownBy(() -> codec.quantize(length, 1, source, weights, target))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void agreesWithGgmlOnMagnitudesThatScalesDoNotHold(GgmlType type) {
        RowCodec ggml = new GgmlRowCodec(type);
        RowCodec wide = WideRowCodec.of(ggml);
        for (Importance importance : List.of(Importance.NONE, Importance.USUAL)) {
            if (!WideRowCodec.isSupported(type, importance != Importance.NONE)) {
                continue;
            }
            float largest = new QuantizeProperty(ggml, wide, Weights.HUGE, List.of(importance)).largest(importance);
            for (float unit : new float[] {2 * largest, Float.MAX_VALUE}) {
                QuantizeCase rows = QuantizeProperty.random(
                        type, Weights.HUGE, importance, unit, 3, 3, 0, new SplittableRandom(65));
                assertSame(rows, ggml, wide);
            }
        }
    }

    private static void assertSame(QuantizeCase rows, RowCodec ggml, RowCodec wide) {
        if (!rows.quantizedBy(wide).agreesWith(rows.quantizedBy(ggml))) {
            throw Counterexample.of(rows.type().name(), rows, ggml, wide);
        }
    }

    @AfterAll
    static void printCounts() {
        COMPARED.print();
    }

    @ParameterizedTest
    @MethodSource("types")
    void leavesNoUsualWeightsToGgml(GgmlType type) {
        Random random = new Random(62);
        for (boolean hasImportance : new boolean[] {false, true}) {
            if (!WideRowCodec.isSupported(type, hasImportance) || (hasImportance && WideRowCodec.goesByRows(type))) {
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
                    assertThat(quantizer.quantize(floats, 0, size, importance, packed, 0))
                            .as(kind.name())
                            .isTrue();
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
