package io.github.expogguf.quant.lanes;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC_RANGE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import io.github.expogguf.quant.k.ScaleMinSearch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code make_q3_quants} of ggml-quants.c (ggml 0.25.1), with {@code do_rmse}, in every column: begins with the quants,
 * from {@code -most} to {@code most - 1}, of the scale that the value of largest magnitude sets, then goes through the
 * values a few times and moves a quant where that brings {@code scale * quant} closer to all values. The operations and
 * their order are those of the C code, see {@link ScaleMinSearch}. After a round in which nothing moves the next would
 * move nothing either, so that the columns need not end together.
 *
 * <p>A move waits for the one before. Few quants move, though: passing over the others by a branch lets the processor
 * look at many values at once.
 */
public final class RoundSearch {

    private static final int ROUNDS = 5;
    private static final int MANTISSA_MASK = 0x007f_ffff;
    private static final int MANTISSA_OF_ZERO = 0x0040_0000;

    /** The values, {@code [length][COLUMNS]}; those of columns that ggml takes for zeros become zeros. */
    public final float[] values;

    /** The scales found. */
    public final float[] scale = new float[COLUMNS];

    private final int end;
    private final int most;
    private final float[] weights; // squares of the values
    private final float[] products; // of values and weights
    private final float[] quants;
    private final boolean[] isSettled = new boolean[COLUMNS]; // of the first column of a vector
    private final float[] magnitude = new float[COLUMNS];
    private final float[] sumOfProducts = new float[COLUMNS];
    private final float[] sumOfSquares = new float[COLUMNS];

    /**
     * The parameters of the C function.
     *
     * @param length values of a sub-block
     * @param most   {@code nmax}
     */
    public RoundSearch(int length, int most) {
        this.end = length * COLUMNS;
        this.most = most;
        this.values = new float[end];
        this.weights = new float[end];
        this.products = new float[end];
        this.quants = new float[end];
    }

    /** Searches all columns of several searches, in turn: a round of one fills the pauses in that of another. */
    public static void run(RoundSearch[] searches) {
        for (RoundSearch search : searches) {
            for (int column = 0; column < COLUMNS; column += LANES) {
                search.begin(column);
                search.isSettled[column] = false;
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (RoundSearch search : searches) {
                for (int column = 0; column < COLUMNS; column += LANES) {
                    if (!search.isSettled[column]) {
                        search.isSettled[column] = !search.move(column);
                    }
                }
            }
        }
        for (RoundSearch search : searches) {
            for (int column = 0; column < COLUMNS; column += LANES) {
                search.fit(column);
            }
        }
    }

    /** The quant found for a value of a column, which ggml counts from 0. */
    public int quant(int column, int i) {
        boolean isZero = magnitude[column] < ScaleSearch.LEAST_MAGNITUDE;
        return isZero ? 0 : most + (int) quants[i * COLUMNS + column];
    }

    private void begin(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] products = this.products;
        float[] quants = this.quants;
        FloatVector magnitude = FloatVector.zero(FLOATS);
        FloatVector largest = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            VectorMask<Float> isLarger = x.abs().compare(GT, magnitude);
            magnitude = magnitude.blend(x.abs(), isLarger);
            largest = largest.blend(x, isLarger);
        }
        magnitude.intoArray(this.magnitude, column);
        VectorMask<Float> isZero = magnitude.compare(LT, ScaleSearch.LEAST_MAGNITUDE);
        FloatVector levels = FloatVector.broadcast(FLOATS, -most).div(largest.blend(1, isZero));
        FloatVector sumXl = FloatVector.zero(FLOATS);
        FloatVector sumL2 = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            // where all values are zeros no sum is positive, and nothing moves
            FloatVector x = FloatVector.fromArray(FLOATS, values, i).blend(0, isZero);
            FloatVector l = nearest(levels.mul(x), most);
            FloatVector w = x.mul(x);
            FloatVector wx = w.mul(x);
            x.intoArray(values, i);
            l.intoArray(quants, i);
            w.intoArray(weights, i);
            wx.intoArray(products, i);
            sumXl = sumXl.add(wx.mul(l));
            sumL2 = sumL2.add(w.mul(l).mul(l));
        }
        sumXl.intoArray(sumOfProducts, column);
        sumL2.intoArray(sumOfSquares, column);
    }

    /** Goes through the values once; whether a quant moved. */
    private boolean move(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] products = this.products;
        float[] quants = this.quants;
        FloatVector sumXl = FloatVector.fromArray(FLOATS, sumOfProducts, column);
        FloatVector sumL2 = FloatVector.fromArray(FLOATS, sumOfSquares, column);
        boolean isChanged = false;
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector w = FloatVector.fromArray(FLOATS, weights, i);
            FloatVector wx = FloatVector.fromArray(FLOATS, products, i);
            FloatVector l = FloatVector.fromArray(FLOATS, quants, i);
            FloatVector newXl = sumXl.sub(wx.mul(l));
            FloatVector newL2 = sumL2.sub(w.mul(l).mul(l));
            FloatVector newL = nearest(x.mul(newL2).div(newXl), most);
            VectorMask<Float> isBetter = newXl.compare(GT, 0).and(newL.compare(NE, l));
            if (isBetter.anyTrue()) {
                newXl = newXl.add(wx.mul(newL));
                newL2 = newL2.add(w.mul(newL).mul(newL));
                FloatVector newFit = newXl.mul(newXl).mul(sumL2);
                FloatVector fit = sumXl.mul(sumXl).mul(newL2);
                isBetter = isBetter.and(newL2.compare(GT, 0)).and(newFit.compare(GT, fit));
                l.blend(newL, isBetter).intoArray(quants, i);
                sumXl = sumXl.blend(newXl, isBetter);
                sumL2 = sumL2.blend(newL2, isBetter);
                isChanged |= isBetter.anyTrue();
            }
        }
        sumXl.intoArray(sumOfProducts, column);
        sumL2.intoArray(sumOfSquares, column);
        return isChanged;
    }

    private void fit(int column) {
        FloatVector sumXl = FloatVector.fromArray(FLOATS, sumOfProducts, column);
        FloatVector sumL2 = FloatVector.fromArray(FLOATS, sumOfSquares, column);
        FloatVector zero = FloatVector.zero(FLOATS);
        zero.blend(sumXl.div(sumL2), sumL2.compare(GT, 0)).intoArray(scale, column);
    }

    /** {@code nearest_int} of any number, limited. */
    private static FloatVector nearest(FloatVector numbers, int most) {
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
