package io.github.expogguf.quant.levels;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.expogguf.quant.k.ScaleMinSearch;
import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.ScaleSearch;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The search of {@code quantize_row_iq4_nl_impl} (ggml-quants.c, ggml 0.25.1, {@code ntry} 7) in every column: looks
 * for the scale with which {@code scale * level} comes closest to the values of a sub-block. The operations and their
 * order are those of the C code, see {@link ScaleMinSearch}.
 *
 * <p>The steps move a value by 5.5 % of it to either side, so that it has a choice between two levels at most. What
 * each of the two adds to the sums is computed once, and a step only compares and adds. Three steps are taken at once.
 */
final class NonlinearSearch {

    /** Values of a sub-block. */
    static final int LENGTH = 32;

    private static final int END = LENGTH * COLUMNS;
    private static final int STEPS = 7; // in each direction
    private static final int AT_ONCE = 3;

    /** The values, {@code [length][COLUMNS]}. */
    private final float[] values = new float[END];

    /** The weights of the values. */
    private final float[] weights = new float[END];

    /** What is added to the square of a value to weigh it, where there is importance ({@code sigma2}). */
    final float[] variance = new float[COLUMNS];

    /** The scales found. */
    final float[] scale = new float[COLUMNS];

    private final float[] middles = new float[END];
    private final float[] lowerProducts = new float[END];
    private final float[] upperProducts = new float[END];
    private final float[] lowerSquares = new float[END];
    private final float[] upperSquares = new float[END];
    private final float[] magnitude = new float[COLUMNS];
    private final float[] largest = new float[COLUMNS];
    private final float[] best = new float[COLUMNS];

    // of the current steps
    private final float[] sumOfProducts = new float[AT_ONCE * COLUMNS];
    private final float[] sumOfSquares = new float[AT_ONCE * COLUMNS];

    /** Searches all columns; the weights are given. */
    void run() {
        for (int column = 0; column < COLUMNS; column += LANES) {
            measure(column);
            begin(column);
            split(column);
            for (int step = -STEPS; step <= STEPS; step += AT_ONCE) {
                sum(column, step);
                for (int i = 0; i < AT_ONCE; i++) {
                    judge(column, i * COLUMNS + column);
                }
            }
            finish(column);
        }
    }

    /** Takes sub-blocks that follow each other; the first one again fills the other columns. */
    void load(MemorySegment source, long offset, int count) {
        Lanes.fill(source, offset, LENGTH, count, values);
    }

    /** Sums the squares of each sub-block. */
    void sumSquares() {
        float[] values = this.values;
        for (int column = 0; column < COLUMNS; column += LANES) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = column; i < END; i += COLUMNS) {
                FloatVector x = FloatVector.fromArray(FLOATS, values, i);
                sum = sum.add(x.mul(x));
            }
            sum.intoArray(variance, column);
        }
    }

    /** The weight of a value is its importance and the root of the variance and its square. */
    void weigh(MemorySegment importance, int count) {
        Lanes.fill(importance, 0, LENGTH, count, weights);
        ColumnWeights.importance(values, variance, weights);
    }

    /** The weight of a value is its square. */
    void weighBySquares() {
        ColumnWeights.squares(values, weights);
    }

    private void measure(int column) {
        float[] values = this.values;
        FloatVector magnitude = FloatVector.zero(FLOATS);
        FloatVector largest = FloatVector.zero(FLOATS);
        for (int i = column; i < END; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            VectorMask<Float> isLarger = x.abs().compare(GT, magnitude);
            magnitude = magnitude.blend(x.abs(), isLarger);
            largest = largest.blend(x, isLarger);
        }
        magnitude.intoArray(this.magnitude, column);
        // beside 1 the search runs with numbers in range; its result is not used
        largest.blend(1, magnitude.compare(LT, ScaleSearch.LEAST_MAGNITUDE)).intoArray(this.largest, column);
    }

    /** The scale that puts the value of largest magnitude on the other side of the lowest level. */
    private void begin(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        FloatVector largest = FloatVector.fromArray(FLOATS, this.largest, column);
        FloatVector factor = FloatVector.broadcast(FLOATS, 1).div(largest.div(-NonlinearLevels.LOWEST));
        FloatVector sumXq = FloatVector.zero(FLOATS);
        FloatVector sumQ2 = FloatVector.zero(FLOATS);
        for (int i = column; i < END; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector q = NonlinearLevels.nearest(factor.mul(x));
            FloatVector wq = FloatVector.fromArray(FLOATS, weights, i).mul(q);
            sumXq = sumXq.add(wq.mul(x));
            sumQ2 = sumQ2.add(wq.mul(q));
        }
        FloatVector scale = FloatVector.zero(FLOATS).blend(sumXq.div(sumQ2), sumQ2.compare(GT, 0));
        scale.intoArray(this.scale, column);
        scale.mul(sumXq).intoArray(best, column);
    }

    /** Between which levels a value has the choice, and what each adds to the sums. */
    private void split(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        FloatVector largest = FloatVector.fromArray(FLOATS, this.largest, column);
        FloatVector factor =
                FloatVector.broadcast(FLOATS, NonlinearLevels.LOWEST).div(largest);
        for (int i = column; i < END; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector w = FloatVector.fromArray(FLOATS, weights, i);
            IntVector buckets = NonlinearLevels.bucket(factor.mul(x));
            NonlinearLevels.middle(buckets).intoArray(middles, i);
            FloatVector lower = NonlinearLevels.lower(buckets);
            FloatVector upper = NonlinearLevels.upper(buckets);
            FloatVector a = w.mul(lower);
            FloatVector b = w.mul(upper);
            a.mul(x).intoArray(lowerProducts, i);
            a.mul(lower).intoArray(lowerSquares, i);
            b.mul(x).intoArray(upperProducts, i);
            b.mul(upper).intoArray(upperSquares, i);
        }
    }

    /** The sums of three steps. */
    private void sum(int column, int step) {
        float[] values = this.values;
        float[] middles = this.middles;
        FloatVector largest = FloatVector.fromArray(FLOATS, this.largest, column);
        FloatVector factorA =
                FloatVector.broadcast(FLOATS, step + NonlinearLevels.LOWEST).div(largest);
        FloatVector factorB =
                FloatVector.broadcast(FLOATS, step + 1 + NonlinearLevels.LOWEST).div(largest);
        FloatVector factorC =
                FloatVector.broadcast(FLOATS, step + 2 + NonlinearLevels.LOWEST).div(largest);
        FloatVector sumXqA = FloatVector.zero(FLOATS);
        FloatVector sumXqB = FloatVector.zero(FLOATS);
        FloatVector sumXqC = FloatVector.zero(FLOATS);
        FloatVector sumQ2A = FloatVector.zero(FLOATS);
        FloatVector sumQ2B = FloatVector.zero(FLOATS);
        FloatVector sumQ2C = FloatVector.zero(FLOATS);
        for (int i = column; i < END; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector middle = FloatVector.fromArray(FLOATS, middles, i);
            VectorMask<Float> isUpperA = factorA.mul(x).compare(GE, middle);
            VectorMask<Float> isUpperB = factorB.mul(x).compare(GE, middle);
            VectorMask<Float> isUpperC = factorC.mul(x).compare(GE, middle);
            FloatVector lower = FloatVector.fromArray(FLOATS, lowerProducts, i);
            FloatVector upper = FloatVector.fromArray(FLOATS, upperProducts, i);
            sumXqA = sumXqA.add(lower.blend(upper, isUpperA));
            sumXqB = sumXqB.add(lower.blend(upper, isUpperB));
            sumXqC = sumXqC.add(lower.blend(upper, isUpperC));
            lower = FloatVector.fromArray(FLOATS, lowerSquares, i);
            upper = FloatVector.fromArray(FLOATS, upperSquares, i);
            sumQ2A = sumQ2A.add(lower.blend(upper, isUpperA));
            sumQ2B = sumQ2B.add(lower.blend(upper, isUpperB));
            sumQ2C = sumQ2C.add(lower.blend(upper, isUpperC));
        }
        sumXqA.intoArray(sumOfProducts, column);
        sumQ2A.intoArray(sumOfSquares, column);
        sumXqB.intoArray(sumOfProducts, COLUMNS + column);
        sumQ2B.intoArray(sumOfSquares, COLUMNS + column);
        sumXqC.intoArray(sumOfProducts, 2 * COLUMNS + column);
        sumQ2C.intoArray(sumOfSquares, 2 * COLUMNS + column);
    }

    /** Takes a scale where it is better. */
    private void judge(int column, int sums) {
        FloatVector sumXq = FloatVector.fromArray(FLOATS, sumOfProducts, sums);
        FloatVector sumQ2 = FloatVector.fromArray(FLOATS, sumOfSquares, sums);
        FloatVector best = FloatVector.fromArray(FLOATS, this.best, column);
        FloatVector scale = FloatVector.fromArray(FLOATS, this.scale, column);
        VectorMask<Float> isBetter = sumQ2.compare(GT, 0).and(sumXq.mul(sumXq).compare(GT, best.mul(sumQ2)));
        FloatVector newScale = sumXq.div(sumQ2);
        scale.blend(newScale, isBetter).intoArray(this.scale, column);
        best.blend(newScale.mul(sumXq), isBetter).intoArray(this.best, column);
    }

    /** Sub-blocks that are all zero have scale 0. */
    private void finish(int column) {
        VectorMask<Float> isZero =
                FloatVector.fromArray(FLOATS, magnitude, column).compare(LT, ScaleSearch.LEAST_MAGNITUDE);
        FloatVector.fromArray(FLOATS, scale, column).blend(0, isZero).intoArray(scale, column);
    }
}
