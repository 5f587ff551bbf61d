package io.github.expogguf.quant.levels;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC_BITS;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The sixteen levels of IQ4_NL and IQ4_XS ({@code kvalues_iq4nl} of ggml-common.h, ggml 0.25.1), and which is nearest
 * to a number ({@code best_index_int8} of ggml-quants.c). A number half-way between two levels takes the higher one;
 * where the differences that ggml compares are close to each other they are exact, so comparing with the middle is the
 * same.
 *
 * <p>The middles lie in a row that a parabola on either side of 0 flattens well enough: rounding its result gives the
 * one middle that a number must be compared with. The number may be 5.5 % larger or smaller and it is still that one.
 */
final class NonlinearLevels {

    /** The lowest level, also the one that the largest value of a block is put on. */
    static final float LOWEST = -127;

    private static final int[] LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    private static final int BUCKETS = LEVELS.length - 1;

    /** By bucket, the last one twice so that vectors can be filled. */
    private static final float[] LOWER = new float[LEVELS.length];

    private static final float[] UPPER = new float[LEVELS.length];
    private static final float[] MIDDLE = new float[LEVELS.length];

    static {
        for (int i = 0; i < LEVELS.length; i++) {
            int bucket = Math.min(i, BUCKETS - 1);
            LOWER[i] = LEVELS[bucket];
            UPPER[i] = LEVELS[bucket + 1];
            MIDDLE[i] = 0.5f * (LEVELS[bucket] + LEVELS[bucket + 1]);
        }
    }

    private static final float LINEAR = 0.0874f;
    private static final float QUADRATIC = 0.000204f;
    private static final float CONSTANT = 7.385f;

    /** Beyond, the parabola turns. */
    private static final int MOST_BITS = Float.floatToRawIntBits(106);

    private static final int MAGNITUDE = 0x7fff_ffff;

    private NonlinearLevels() {}

    /** Which middle to compare with, for numbers that are not NaN. */
    static IntVector bucket(FloatVector numbers) {
        IntVector bits = numbers.reinterpretAsInts();
        IntVector sign = bits.and(~MAGNITUDE);
        FloatVector magnitude = bits.and(MAGNITUDE).min(MOST_BITS).reinterpretAsFloats();
        FloatVector bent = magnitude.mul(magnitude.mul(-QUADRATIC).add(LINEAR));
        FloatVector index =
                bent.reinterpretAsInts().or(sign).reinterpretAsFloats().add(CONSTANT);
        return index.add(MAGIC).reinterpretAsInts().sub(MAGIC_BITS);
    }

    static FloatVector middle(IntVector buckets) {
        return select(MIDDLE, buckets);
    }

    static FloatVector lower(IntVector buckets) {
        return select(LOWER, buckets);
    }

    static FloatVector upper(IntVector buckets) {
        return select(UPPER, buckets);
    }

    /** The nearest levels. */
    static FloatVector nearest(FloatVector numbers) {
        IntVector buckets = bucket(numbers);
        return lower(buckets).blend(upper(buckets), numbers.compare(GE, middle(buckets)));
    }

    /** The places of the nearest levels, from 0 to 15. */
    static IntVector nearestIndex(FloatVector numbers) {
        IntVector buckets = bucket(numbers);
        return buckets.add(1, numbers.compare(GE, middle(buckets)).cast(INTS));
    }

    /** Puts 32 values on levels; a byte holds the place of one in its lower half, that of the 16th after it above. */
    static void pack(MemorySegment values, long offset, float factor, MemorySegment target, long targetOffset) {
        for (int i = 0; i < 16; i += LANES) {
            IntVector lower = nearestIndex(
                    Lanes.load(values, offset + (long) i * Float.BYTES).mul(factor));
            IntVector upper = nearestIndex(
                    Lanes.load(values, offset + (16L + i) * Float.BYTES).mul(factor));
            Lanes.storeBytes(lower.or(upper.lanewise(LSHL, 4)), target, targetOffset + i);
        }
    }

    private static FloatVector select(float[] table, IntVector index) {
        FloatVector selected = part(table, index, 0);
        for (int first = LANES; first < LEVELS.length; first += LANES) {
            selected = selected.blend(
                    part(table, index, first), index.compare(GE, first).cast(Lanes.FLOATS));
        }
        return selected;
    }

    /** An index counts modulo the number of lanes. */
    private static FloatVector part(float[] table, IntVector index, int first) {
        IntVector entries = FloatVector.fromArray(Lanes.FLOATS, table, first).reinterpretAsInts();
        return index.selectFrom(entries).reinterpretAsFloats();
    }
}
