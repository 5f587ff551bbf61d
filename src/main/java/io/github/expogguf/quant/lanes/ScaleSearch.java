package io.github.expogguf.quant.lanes;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC_BITS;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.expogguf.quant.k.ScaleMinSearch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code make_qx_quants} of ggml-quants.c (ggml 0.25.1), with {@code rmse_type} 1, in every column:
 * looks for the scale with which {@code scale * quant} comes closest to the values of a sub-block, quants from
 * {@code -most} to {@code most - 1}. The operations and their order are those of the C code, see
 * {@link ScaleMinSearch}. No step depends on another but for the comparison at its end, so two are taken at once. The
 * products that are rounded stay a little above {@code most} in magnitude, where limiting their bits is as good as
 * limiting the integers.
 */
public final class ScaleSearch {

    /** Values that are all smaller have scale 0 ({@code GROUP_MAX_EPS}). */
    public static final float LEAST_MAGNITUDE = 1e-15f;

    private static final int STEPS = 9; // in each direction

    /** The values, {@code [length][COLUMNS]}. */
    public final float[] values;

    /** Their weights, {@code [length][COLUMNS]}; without importance the squares of the values. */
    public final float[] weights;

    /** The scales found. */
    public final float[] scale = new float[COLUMNS];

    /** The quants found are the integers nearest to {@code quantScale * value}, where the magnitude is large enough. */
    public final float[] quantScale = new float[COLUMNS];

    /** The largest magnitudes of the values. */
    public final float[] magnitude = new float[COLUMNS];

    private final int end;
    private final int most;
    private final float[] factors = new float[2 * STEPS];
    private final float[] products; // of values and weights
    private final float[] largest = new float[COLUMNS];
    private final float[] best = new float[COLUMNS];

    // of the current two steps
    private final float[] levels = new float[2 * COLUMNS];
    private final float[] sumOfProducts = new float[2 * COLUMNS];
    private final float[] sumOfSquares = new float[2 * COLUMNS];

    /**
     * The parameters of the C function.
     *
     * @param length values of a sub-block
     * @param most   {@code nmax}
     */
    public ScaleSearch(int length, int most) {
        this.end = length * COLUMNS;
        this.most = most;
        this.values = new float[end];
        this.weights = new float[end];
        this.products = new float[end];
        int next = 0;
        for (int step = -STEPS; step <= STEPS; step++) {
            if (step != 0) {
                factors[next++] = -(most + 0.1f * step);
            }
        }
    }

    /** Searches all columns, whose values and weights are there. */
    public void run() {
        for (int column = 0; column < COLUMNS; column += LANES) {
            prepare(column);
            begin(column);
            for (int i = 0; i < factors.length; i += 2) {
                sum(column, factors[i], factors[i + 1]);
                judge(column, 0);
                judge(column, 1);
            }
        }
    }

    private void prepare(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] products = this.products;
        FloatVector magnitude = FloatVector.zero(FLOATS);
        FloatVector largest = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            VectorMask<Float> isLarger = x.abs().compare(GT, magnitude);
            magnitude = magnitude.blend(x.abs(), isLarger);
            largest = largest.blend(x, isLarger);
            FloatVector.fromArray(FLOATS, weights, i).mul(x).intoArray(products, i);
        }
        magnitude.intoArray(this.magnitude, column);
        // beside 1 all quants are 0, and so are the sums and the scale, and no step is taken
        largest.blend(1, magnitude.compare(LT, LEAST_MAGNITUDE)).intoArray(this.largest, column);
    }

    /** The scale that follows from the value of largest magnitude. */
    private void begin(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] products = this.products;
        FloatVector levels = FloatVector.broadcast(FLOATS, -most).div(FloatVector.fromArray(FLOATS, largest, column));
        IntVector least = IntVector.broadcast(INTS, MAGIC_BITS - most);
        IntVector limit = IntVector.broadcast(INTS, MAGIC_BITS + most - 1);
        FloatVector sumXl = FloatVector.zero(FLOATS);
        FloatVector sumL2 = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            IntVector bits = levels.mul(x).add(MAGIC).reinterpretAsInts();
            FloatVector l = bits.max(least).min(limit).reinterpretAsFloats().sub(MAGIC);
            sumXl = sumXl.add(FloatVector.fromArray(FLOATS, products, i).mul(l));
            sumL2 = sumL2.add(FloatVector.fromArray(FLOATS, weights, i).mul(l).mul(l));
        }
        FloatVector scale = sumXl.div(sumL2).blend(0, sumL2.compare(EQ, 0));
        scale.intoArray(this.scale, column);
        scale.mul(sumXl).intoArray(best, column);
        levels.intoArray(quantScale, column);
    }

    /** The quants of two scales near to it, and their sums. */
    private void sum(int column, float factorA, float factorB) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] products = this.products;
        FloatVector largest = FloatVector.fromArray(FLOATS, this.largest, column);
        FloatVector levelsA = FloatVector.broadcast(FLOATS, factorA).div(largest);
        FloatVector levelsB = FloatVector.broadcast(FLOATS, factorB).div(largest);
        IntVector least = IntVector.broadcast(INTS, MAGIC_BITS - most);
        IntVector limit = IntVector.broadcast(INTS, MAGIC_BITS + most - 1);
        FloatVector sumXlA = FloatVector.zero(FLOATS);
        FloatVector sumL2A = FloatVector.zero(FLOATS);
        FloatVector sumXlB = FloatVector.zero(FLOATS);
        FloatVector sumL2B = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            IntVector bitsA = levelsA.mul(x).add(MAGIC).reinterpretAsInts();
            IntVector bitsB = levelsB.mul(x).add(MAGIC).reinterpretAsInts();
            FloatVector a = bitsA.max(least).min(limit).reinterpretAsFloats().sub(MAGIC);
            FloatVector b = bitsB.max(least).min(limit).reinterpretAsFloats().sub(MAGIC);
            FloatVector product = FloatVector.fromArray(FLOATS, products, i);
            sumXlA = sumXlA.add(product.mul(a));
            sumXlB = sumXlB.add(product.mul(b));
            FloatVector weight = FloatVector.fromArray(FLOATS, weights, i);
            sumL2A = sumL2A.add(weight.mul(a).mul(a));
            sumL2B = sumL2B.add(weight.mul(b).mul(b));
        }
        levelsA.intoArray(levels, column);
        sumXlA.intoArray(sumOfProducts, column);
        sumL2A.intoArray(sumOfSquares, column);
        levelsB.intoArray(levels, COLUMNS + column);
        sumXlB.intoArray(sumOfProducts, COLUMNS + column);
        sumL2B.intoArray(sumOfSquares, COLUMNS + column);
    }

    /** Takes a scale where it is better. */
    private void judge(int column, int step) {
        FloatVector sumXl = FloatVector.fromArray(FLOATS, sumOfProducts, step * COLUMNS + column);
        FloatVector sumL2 = FloatVector.fromArray(FLOATS, sumOfSquares, step * COLUMNS + column);
        FloatVector newQuantScale = FloatVector.fromArray(FLOATS, levels, step * COLUMNS + column);
        FloatVector best = FloatVector.fromArray(FLOATS, this.best, column);
        FloatVector scale = FloatVector.fromArray(FLOATS, this.scale, column);
        FloatVector quantScale = FloatVector.fromArray(FLOATS, this.quantScale, column);
        VectorMask<Float> isBetter = sumL2.compare(GT, 0).and(sumXl.mul(sumXl).compare(GT, best.mul(sumL2)));
        FloatVector newScale = sumXl.div(sumL2);
        scale.blend(newScale, isBetter).intoArray(this.scale, column);
        best.blend(newScale.mul(sumXl), isBetter).intoArray(this.best, column);
        quantScale.blend(newQuantScale, isBetter).intoArray(this.quantScale, column);
    }

    /** The quant of a value of a column, which ggml counts from 0; for where the scale found leaves no other choice. */
    public static int quant(float value, float quantScale, float magnitude, int most) {
        if (magnitude < LEAST_MAGNITUDE) {
            return 0;
        }
        return most + Math.clamp(Lanes.nearestInt(quantScale * value), -most, most - 1);
    }
}
