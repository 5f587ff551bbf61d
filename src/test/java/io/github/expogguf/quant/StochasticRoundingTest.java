package io.github.expogguf.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks are packed and unpacked by ggml. */
class StochasticRoundingTest {

    private static final long ROW = 512;
    private static final long ROWS = 3;
    private static final int COUNT = (int) (ROW * ROWS);

    /** Of either result among the seeds, so that their spread is known well. */
    private static final int ENOUGH_OF_EACH = 20;

    private final Random random = new Random(11);
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment aligned = floats();
    private final MemorySegment extrapolated = floats();

    private MemorySegment floats() {
        return arena.allocate(4L * COUNT, 64);
    }

    /** Weights, and steps that are smaller than the resolution of all types but the finest. */
    private void fill(double stepRms) {
        for (int i = 0; i < COUNT; i++) {
            float weight = (float) (0.07 * random.nextGaussian());
            aligned.setAtIndex(JAVA_FLOAT, i, weight);
            extrapolated.setAtIndex(JAVA_FLOAT, i, weight + (float) (stepRms * random.nextGaussian()));
        }
    }

    private MemorySegment pack(GgmlType type) {
        MemorySegment packed = arena.allocate(type.rowBytes(ROW) * ROWS, 64);
        codec(type).quantize(ROW, ROWS, aligned, MemorySegment.NULL, packed);
        return packed;
    }

    private static RowCodec codec(GgmlType type) {
        return QuantBits.levels(type) > 0 ? new GgmlRowCodec(type) : RowCodecs.of(type);
    }

    private MemorySegment unpack(GgmlType type, MemorySegment packed) {
        MemorySegment values = floats();
        codec(type).dequantize(ROW, ROWS, packed, values);
        return values;
    }

    private void add(GgmlType type, long seed, MemorySegment packed) {
        new StochasticRounding(seed, "blk.0.attn_q.weight").add(type, ROW, ROWS, 0, aligned, extrapolated, packed);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void leavesEveryByteWhereThereIsNoStep(GgmlType type) {
        fill(0);
        MemorySegment packed = pack(type);
        byte[] before = packed.toArray(JAVA_BYTE);
        add(type, 1, packed);
        assertThat(packed.toArray(JAVA_BYTE)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void putsIntegersWhereGgmlFindsThem(GgmlType type) {
        fill(0);
        MemorySegment packed = pack(type);
        float[] lowest = withQuants(type, packed, _ -> 0);
        float[] next = withQuants(type, packed, _ -> 1);
        int[] quants = random.ints(COUNT, 0, QuantBits.levels(type)).toArray();
        float[] values = withQuants(type, packed, i -> quants[i]);
        for (int i = 0; i < COUNT; i++) {
            double distance = (double) next[i] - lowest[i];
            assertThat(distance).as("distance at %d", i).isNotZero();
            assertThat((values[i] - lowest[i]) / distance).as("integer %d", i).isCloseTo(quants[i], within(0.01));
        }
    }

    private interface Quants {
        int at(int i);
    }

    private float[] withQuants(GgmlType type, MemorySegment packed, Quants quants) {
        int[] block = new int[type.blockSize()];
        for (int first = 0; first < COUNT; first += block.length) {
            for (int i = 0; i < block.length; i++) {
                block[i] = quants.at(first + i);
            }
            QuantBits.put(type, packed, (long) first / block.length * type.blockBytes(), block);
        }
        return unpack(type, packed).toArray(JAVA_FLOAT);
    }

    /** The mean over seeds is right for each weight, within what chance explains over all of them. */
    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void isRightInTheMean(GgmlType type) {
        fill(
                switch (type) {
                    case F16 -> 1e-5;
                    case Q2_K, Q3_K -> 1e-2;
                    default -> 2e-3;
                });
        MemorySegment packed = pack(type);
        float[] base = unpack(type, packed).toArray(JAVA_FLOAT);
        int seeds = 400;
        double[] sums = new double[COUNT];
        double[] squares = new double[COUNT];
        float[] first = null;
        int[] asFirst = new int[COUNT];
        for (int seed = 0; seed < seeds; seed++) {
            MemorySegment copy = arena.allocate(packed.byteSize(), 64).copyFrom(packed);
            add(type, seed, copy);
            float[] values = unpack(type, copy).toArray(JAVA_FLOAT);
            first = first == null ? values : first;
            for (int i = 0; i < COUNT; i++) {
                asFirst[i] += values[i] == first[i] ? 1 : 0;
                double change = (double) values[i] - base[i];
                sums[i] += change;
                squares[i] += change * change;
            }
        }
        double signed = 0;
        int counted = 0;
        for (int i = 0; i < COUNT; i++) {
            double step = (double) extrapolated.getAtIndex(JAVA_FLOAT, i) - aligned.getAtIndex(JAVA_FLOAT, i);
            double mean = sums[i] / seeds;
            double deviation = Math.sqrt(Math.max(0, squares[i] / seeds - mean * mean) / seeds);
            if (Math.min(asFirst[i], seeds - asFirst[i])
                    >= ENOUGH_OF_EACH) { // at the end of a block's range there is one value only
                assertThat((mean - step) / deviation).as("weight %d", i).isBetween(-6.0, 6.0);
                signed += (mean - step) / deviation;
                counted++;
            }
        }
        assertThat(counted).isGreaterThan(COUNT / 4);
        assertThat(signed / Math.sqrt(counted)).isBetween(-5.0, 5.0);
    }

    @Test
    void dependsOnSeedAndNameAndNothingElse() {
        fill(2e-3);
        GgmlType type = GgmlType.Q4_K;
        MemorySegment whole = pack(type);
        MemorySegment again = arena.allocate(whole.byteSize(), 64).copyFrom(whole);
        MemorySegment seeded = arena.allocate(whole.byteSize(), 64).copyFrom(whole);
        MemorySegment named = arena.allocate(whole.byteSize(), 64).copyFrom(whole);
        add(type, 5, whole);
        add(type, 6, seeded);
        new StochasticRounding(5, "blk.1.attn_q.weight").add(type, ROW, ROWS, 0, aligned, extrapolated, named);
        StochasticRounding parts = new StochasticRounding(5, "blk.0.attn_q.weight");
        for (long row = ROWS - 1; row >= 0; row--) {
            parts.add(
                    type,
                    ROW,
                    1,
                    row * ROW,
                    aligned.asSlice(4 * row * ROW, 4 * ROW),
                    extrapolated.asSlice(4 * row * ROW, 4 * ROW),
                    again.asSlice(row * type.rowBytes(ROW), type.rowBytes(ROW)));
        }
        assertThat(again.mismatch(whole)).isEqualTo(-1);
        assertThat(seeded.mismatch(whole)).isNotNegative();
        assertThat(named.mismatch(whole)).isNotNegative();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_K"})
    void refusesWhatIsNotFinite(GgmlType type) {
        fill(1e-3);
        MemorySegment packed = pack(type);
        extrapolated.setAtIndex(JAVA_FLOAT, 700, Float.NaN);
        assertThatThrownBy(() -> add(type, 1, packed))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("1 of 1536");
    }

    @Test
    void refusesWhatIsTooLargeForHalves() {
        fill(1e-3);
        MemorySegment packed = pack(GgmlType.F16);
        extrapolated.setAtIndex(JAVA_FLOAT, 700, 1e5f);
        assertThatThrownBy(() -> add(GgmlType.F16, 1, packed))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("values are too large for F16");
    }

    @Test
    void writesF32AsItIs() {
        fill(1e-3);
        MemorySegment packed = pack(GgmlType.F32);
        add(GgmlType.F32, 1, packed);
        assertThat(packed.mismatch(extrapolated)).isEqualTo(-1);
    }

    @Test
    void knowsWhichTypesHaveNeighbours() {
        assertThat(StochasticRounding.isSupported(GgmlType.IQ4_NL)).isFalse();
        assertThat(StochasticRounding.isSupported(GgmlType.TQ2_0)).isFalse();
        assertThat(StochasticRounding.supportedTypes())
                .isEqualTo("F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, BF16");
    }

    @Test
    void drawsAreEvenlySpread() {
        ElementRandom draws = new ElementRandom(3, "a");
        int[] bins = new int[16];
        for (long i = 0; i < 160_000; i++) {
            bins[(int) (16 * draws.at(i))]++;
        }
        assertThat(IntStream.of(bins).boxed()).allSatisfy(bin -> assertThat(bin).isBetween(9_500, 10_500));
    }
}
