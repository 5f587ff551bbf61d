package io.github.expogguf.quant;

import static io.github.expogguf.quant.Lanes.COLUMNS;
import static io.github.expogguf.quant.Lanes.FLOATS;
import static io.github.expogguf.quant.Lanes.LANES;
import static io.github.expogguf.quant.Lanes.MAGIC;
import static io.github.expogguf.quant.Lanes.MAGIC_RANGE;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code make_q3_quants} of ggml-quants.c (ggml 0.23.0), with {@code do_rmse}, in every column: begins with the quants,
 * from {@code -most} to {@code most - 1}, of the scale that the value of largest magnitude sets, then goes through the
 * values a few times and moves a quant where that brings {@code scale * quant} closer to all values. The operations and
 * their order are those of the C code, see {@link ScaleMinSearch}. After a round in which nothing moves the next would
 * move nothing either, so that the columns need not end together.
 *
 * <p>Each move waits for the one before. To fill the time, a second group of columns is searched beside the first.
 */
final class RoundSearch {

    /** Groups of {@link Lanes#COLUMNS} sub-blocks. */
    static final int GROUPS = 2;

    private static final int ROUNDS = 5;
    private static final int MANTISSA_MASK = 0x007f_ffff;
    private static final int MANTISSA_OF_ZERO = 0x0040_0000;

    private final int length;
    private final int most;
    private final Group first;
    private final Group second;

    /** Arrays of a group: {@code [length][COLUMNS]} or {@code [COLUMNS]}. */
    private static final class Group {
        final float[] values;
        final float[] weights; // squares of the values
        final float[] products; // of values and weights
        final float[] quants;
        final float[] magnitude = new float[COLUMNS];
        final float[] sumOfProducts = new float[COLUMNS];
        final float[] sumOfSquares = new float[COLUMNS];

        Group(int end) {
            this.values = new float[end];
            this.weights = new float[end];
            this.products = new float[end];
            this.quants = new float[end];
        }
    }

    /**
     * The parameters of the C function.
     *
     * @param length values of a sub-block
     * @param most   {@code nmax}
     */
    RoundSearch(int length, int most) {
        this.length = length;
        this.most = most;
        this.first = new Group(length * COLUMNS);
        this.second = new Group(length * COLUMNS);
    }

    /** Fills a group. */
    void load(int group, MemorySegment source, long offset) {
        Lanes.transpose(source, offset, length, COLUMNS, group(group).values, 0);
    }

    /** Searches all columns. */
    void run() {
        for (int column = 0; column < COLUMNS; column += LANES) {
            begin(first, column);
            begin(second, column);
            boolean isChanged = true;
            for (int round = 0; round < ROUNDS && isChanged; round++) {
                isChanged = move(column);
            }
        }
    }

    /** The scale found for a sub-block. */
    float scale(int group, int column) {
        Group found = group(group);
        return found.sumOfSquares[column] > 0 ? found.sumOfProducts[column] / found.sumOfSquares[column] : 0;
    }

    /** The quant found for a value of a sub-block, which ggml counts from 0. */
    int quant(int group, int column, int i) {
        Group found = group(group);
        boolean isZero = found.magnitude[column] < ScaleSearch.LEAST_MAGNITUDE;
        return isZero ? 0 : most + (int) found.quants[i * COLUMNS + column];
    }

    private Group group(int group) {
        return group == 0 ? first : second;
    }

    private void begin(Group group, int column) {
        float[] values = group.values;
        float[] weights = group.weights;
        float[] products = group.products;
        float[] quants = group.quants;
        FloatVector magnitude = FloatVector.zero(FLOATS);
        FloatVector largest = FloatVector.zero(FLOATS);
        for (int i = column; i < values.length; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            VectorMask<Float> isLarger = x.abs().compare(GT, magnitude);
            magnitude = magnitude.blend(x.abs(), isLarger);
            largest = largest.blend(x, isLarger);
        }
        magnitude.intoArray(group.magnitude, column);
        VectorMask<Float> isZero = magnitude.compare(LT, ScaleSearch.LEAST_MAGNITUDE);
        FloatVector levels = FloatVector.broadcast(FLOATS, -most).div(largest.blend(1, isZero));
        FloatVector sumXl = FloatVector.zero(FLOATS);
        FloatVector sumL2 = FloatVector.zero(FLOATS);
        for (int i = column; i < values.length; i += COLUMNS) {
            // values that ggml takes for zeros are zeros here: no sum is positive then, and nothing moves
            FloatVector x = FloatVector.fromArray(FLOATS, values, i).blend(0, isZero);
            FloatVector l = nearest(levels.mul(x));
            FloatVector w = x.mul(x);
            FloatVector wx = w.mul(x);
            x.intoArray(values, i);
            l.intoArray(quants, i);
            w.intoArray(weights, i);
            wx.intoArray(products, i);
            sumXl = sumXl.add(wx.mul(l));
            sumL2 = sumL2.add(w.mul(l).mul(l));
        }
        sumXl.intoArray(group.sumOfProducts, column);
        sumL2.intoArray(group.sumOfSquares, column);
    }

    /** Goes through the values once; whether a quant changed. */
    private boolean move(int column) {
        Group a = first;
        Group b = second;
        FloatVector sumXlA = FloatVector.fromArray(FLOATS, a.sumOfProducts, column);
        FloatVector sumL2A = FloatVector.fromArray(FLOATS, a.sumOfSquares, column);
        FloatVector sumXlB = FloatVector.fromArray(FLOATS, b.sumOfProducts, column);
        FloatVector sumL2B = FloatVector.fromArray(FLOATS, b.sumOfSquares, column);
        FloatVector changes = FloatVector.zero(FLOATS);
        int end = a.values.length;
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector xA = FloatVector.fromArray(FLOATS, a.values, i);
            FloatVector xB = FloatVector.fromArray(FLOATS, b.values, i);
            FloatVector wA = FloatVector.fromArray(FLOATS, a.weights, i);
            FloatVector wB = FloatVector.fromArray(FLOATS, b.weights, i);
            FloatVector wxA = FloatVector.fromArray(FLOATS, a.products, i);
            FloatVector wxB = FloatVector.fromArray(FLOATS, b.products, i);
            FloatVector oldA = FloatVector.fromArray(FLOATS, a.quants, i);
            FloatVector oldB = FloatVector.fromArray(FLOATS, b.quants, i);
            FloatVector xlA = sumXlA.sub(wxA.mul(oldA));
            FloatVector xlB = sumXlB.sub(wxB.mul(oldB));
            FloatVector l2A = sumL2A.sub(wA.mul(oldA).mul(oldA));
            FloatVector l2B = sumL2B.sub(wB.mul(oldB).mul(oldB));
            FloatVector newA = nearest(xA.mul(l2A).div(xlA));
            FloatVector newB = nearest(xB.mul(l2B).div(xlB));
            VectorMask<Float> isBetterA = xlA.compare(GT, 0).and(newA.compare(NE, oldA));
            VectorMask<Float> isBetterB = xlB.compare(GT, 0).and(newB.compare(NE, oldB));
            xlA = xlA.add(wxA.mul(newA));
            xlB = xlB.add(wxB.mul(newB));
            l2A = l2A.add(wA.mul(newA).mul(newA));
            l2B = l2B.add(wB.mul(newB).mul(newB));
            isBetterA = isBetterA.and(l2A.compare(GT, 0))
                    .and(xlA.mul(xlA).mul(sumL2A).compare(GT, sumXlA.mul(sumXlA).mul(l2A)));
            isBetterB = isBetterB.and(l2B.compare(GT, 0))
                    .and(xlB.mul(xlB).mul(sumL2B).compare(GT, sumXlB.mul(sumXlB).mul(l2B)));
            oldA.blend(newA, isBetterA).intoArray(a.quants, i);
            oldB.blend(newB, isBetterB).intoArray(b.quants, i);
            sumXlA = sumXlA.blend(xlA, isBetterA);
            sumXlB = sumXlB.blend(xlB, isBetterB);
            sumL2A = sumL2A.blend(l2A, isBetterA);
            sumL2B = sumL2B.blend(l2B, isBetterB);
            changes = changes.blend(1, isBetterA.or(isBetterB));
        }
        sumXlA.intoArray(a.sumOfProducts, column);
        sumL2A.intoArray(a.sumOfSquares, column);
        sumXlB.intoArray(b.sumOfProducts, column);
        sumL2B.intoArray(b.sumOfSquares, column);
        return !changes.compare(EQ, 0).allTrue();
    }

    /** {@code nearest_int} of any number, limited. */
    private FloatVector nearest(FloatVector numbers) {
        return numbers.add(MAGIC)
                .reinterpretAsInts()
                .and(MANTISSA_MASK)
                .max(MANTISSA_OF_ZERO - most)
                .min(MANTISSA_OF_ZERO + most - 1)
                .or(MAGIC_RANGE)
                .reinterpretAsFloats()
                .sub(MAGIC);
    }
}
