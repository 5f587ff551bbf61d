package io.github.expogguf.quant.k;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC;
import static io.github.expogguf.quant.lanes.Lanes.MAGIC_BITS;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code make_qkx2_quants} and {@code make_qkx3_quants} of ggml-quants.c (ggml 0.25.1) in every column: looks for the
 * scale and the minimum with which {@code scale * quant + min} comes closest to the values of a sub-block, quants from
 * 0 to {@code most}. The operations and their order are those of the C code, so each column rounds as it does; a branch
 * is a blend.
 *
 * <p>Quants are kept as the floats that they become next. Limiting them is done on the bits of the sum with the magic
 * number, which rise with the number as long as it stays between -2^22 and 2^22; where it would not, the search gives
 * up.
 *
 * <p>State lives in arrays between the steps: each step is one method of a size that the JIT compiler translates as a
 * whole, and no vector leaves it, so that none is ever allocated. A step waits for the one before: several searches,
 * taken in turn, keep the core busier than one.
 */
public final class ScaleMinSearch {

    private static final float MAGNITUDE_LIMIT = 0x1p20f;

    /** The values, {@code [length][COLUMNS]}. */
    public final float[] values;

    /** Their weights, {@code [length][COLUMNS]}. */
    public final float[] weights;

    /** The sums of the weights of a sub-block. */
    final float[] sumOfWeights = new float[COLUMNS];

    /** The scales found. */
    public final float[] scale = new float[COLUMNS];

    /** The minima found, 0 or less; ggml stores them with the sign turned. */
    public final float[] min = new float[COLUMNS];

    /** The quants found are the integers nearest to {@code quantScale * (value - quantMin)}. */
    public final float[] quantScale = new float[COLUMNS];

    public final float[] quantMin = new float[COLUMNS];

    private final int end;
    private final int most;
    private final boolean isAbsolute;
    private final float[] factors;
    private final float[] quants;
    private final float[] lowest = new float[COLUMNS];
    private final float[] highest = new float[COLUMNS];
    private final float[] sumOfValues = new float[COLUMNS];
    private final float[] error = new float[COLUMNS];
    private final float[] magnitude = new float[COLUMNS]; // sum of those of the extreme products of all steps

    // of the current step
    private final float[] levels = new float[COLUMNS];
    private final float[] determinant = new float[COLUMNS];
    private final float[] newScale = new float[COLUMNS];
    private final float[] newMin = new float[COLUMNS];
    private final float[] newError = new float[COLUMNS];

    /**
     * The parameters of the C functions.
     *
     * @param length     values of a sub-block
     * @param most       {@code nmax}
     * @param rmin       the first step tries {@code nmax + rmin} levels
     * @param rdelta     levels from step to step
     * @param nstep      number of the last step
     * @param isAbsolute {@code use_mad}: errors are differences, and not their squares
     */
    public ScaleMinSearch(int length, int most, float rmin, float rdelta, int nstep, boolean isAbsolute) {
        this.end = length * COLUMNS;
        this.most = most;
        this.isAbsolute = isAbsolute;
        this.values = new float[end];
        this.weights = new float[end];
        this.quants = new float[end];
        this.factors = new float[nstep + 1];
        for (int step = 0; step <= nstep; step++) {
            factors[step] = rmin + rdelta * step + most;
        }
    }

    /** Searches all columns, whose values and weights are there; false where a number leaves the range. */
    public boolean run() {
        return run(new ScaleMinSearch[] {this});
    }

    /** The same, for several searches of the same parameters. */
    public static boolean run(ScaleMinSearch[] searches) {
        for (ScaleMinSearch search : searches) {
            search.begin();
        }
        for (int step = 0; step < searches[0].factors.length; step++) {
            for (ScaleMinSearch search : searches) {
                for (int column = 0; column < COLUMNS; column += LANES) {
                    search.quantize(column, search.factors[step]);
                }
            }
            for (ScaleMinSearch search : searches) {
                for (int column = 0; column < COLUMNS; column += LANES) {
                    search.judge(column);
                }
            }
        }
        for (ScaleMinSearch search : searches) {
            for (float magnitude : search.magnitude) {
                if (!(magnitude < MAGNITUDE_LIMIT)) { // or NaN
                    return false;
                }
            }
        }
        return true;
    }

    /** The quants of the full range, which are the best so far whatever their error. */
    private void begin() {
        for (int column = 0; column < COLUMNS; column += LANES) {
            measure(column);
            quantize(column, most);
        }
        System.arraycopy(scale, 0, newScale, 0, COLUMNS);
        System.arraycopy(min, 0, newMin, 0, COLUMNS);
        for (int column = 0; column < COLUMNS; column += LANES) {
            judge(column);
        }
        System.arraycopy(newError, 0, error, 0, COLUMNS);
    }

    /** The range and the sums of the values, and the scale and the minimum of the full range. */
    private void measure(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        FloatVector x = FloatVector.fromArray(FLOATS, values, column);
        FloatVector w = FloatVector.fromArray(FLOATS, weights, column);
        FloatVector min = x;
        FloatVector max = x;
        FloatVector sumOfWeights = w;
        FloatVector sumOfValues = w.mul(x);
        for (int i = column + COLUMNS; i < end; i += COLUMNS) {
            x = FloatVector.fromArray(FLOATS, values, i);
            min = min.blend(x, x.compare(LT, min));
            max = max.blend(x, x.compare(GT, max));
            w = FloatVector.fromArray(FLOATS, weights, i);
            sumOfWeights = sumOfWeights.add(w);
            sumOfValues = sumOfValues.add(w.mul(x));
        }
        min = min.blend(0, min.compare(GT, 0));
        // equal values have scale 0 and quants 0; another maximum keeps them from a division by 0 and from any step
        VectorMask<Float> isConstant = max.compare(EQ, min);
        max = max.blend(1, isConstant);
        FloatVector levels = FloatVector.broadcast(FLOATS, most).div(max.sub(min));
        FloatVector scale = FloatVector.broadcast(FLOATS, 1).div(levels).blend(0, isConstant);
        min.intoArray(lowest, column);
        max.intoArray(highest, column);
        sumOfWeights.intoArray(this.sumOfWeights, column);
        sumOfValues.intoArray(this.sumOfValues, column);
        scale.intoArray(this.scale, column);
        min.intoArray(this.min, column);
        levels.intoArray(quantScale, column);
        min.intoArray(quantMin, column);
        FloatVector.zero(FLOATS).intoArray(magnitude, column);
    }

    /**
     * Quants for some more or fewer levels between the current minimum and the highest value, and the scale and the
     * minimum that fit them best.
     */
    private void quantize(int column, float factor) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] quants = this.quants;
        FloatVector oldMin = FloatVector.fromArray(FLOATS, this.min, column);
        FloatVector range = FloatVector.fromArray(FLOATS, highest, column).sub(oldMin);
        FloatVector levels = FloatVector.broadcast(FLOATS, factor).div(range);
        IntVector bitsOfMost = IntVector.broadcast(INTS, MAGIC_BITS + most);
        FloatVector sumL = FloatVector.zero(FLOATS);
        FloatVector sumL2 = FloatVector.zero(FLOATS);
        FloatVector sumXl = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector w = FloatVector.fromArray(FLOATS, weights, i);
            IntVector bits = levels.mul(x.sub(oldMin)).add(MAGIC).reinterpretAsInts();
            FloatVector l =
                    bits.max(MAGIC_BITS).min(bitsOfMost).reinterpretAsFloats().sub(MAGIC);
            l.intoArray(quants, i);
            FloatVector wl = w.mul(l);
            sumL = sumL.add(wl);
            sumL2 = sumL2.add(wl.mul(l));
            sumXl = sumXl.add(wl.mul(x));
        }
        levels.intoArray(this.levels, column);
        // the products of all values lie between those of the lowest and of the highest
        FloatVector least =
                levels.mul(FloatVector.fromArray(FLOATS, lowest, column).sub(oldMin));
        FloatVector.fromArray(FLOATS, magnitude, column)
                .add(least.abs())
                .add(levels.mul(range).abs())
                .intoArray(magnitude, column);

        FloatVector sumW = FloatVector.fromArray(FLOATS, sumOfWeights, column);
        FloatVector sumX = FloatVector.fromArray(FLOATS, sumOfValues, column);
        FloatVector divisor = sumW.mul(sumL2).sub(sumL.mul(sumL));
        FloatVector scale = sumW.mul(sumXl).sub(sumX.mul(sumL)).div(divisor);
        FloatVector min = sumL2.mul(sumX).sub(sumL.mul(sumXl)).div(divisor);
        VectorMask<Float> isPositive = min.compare(GT, 0);
        scale.blend(sumXl.div(sumL2), isPositive).intoArray(newScale, column);
        min.blend(0, isPositive).intoArray(newMin, column);
        divisor.intoArray(determinant, column);
    }

    /** Takes the new scale and minimum where the error of the quants is less than before. */
    private void judge(int column) {
        float[] values = this.values;
        float[] weights = this.weights;
        float[] quants = this.quants;
        boolean isAbsolute = this.isAbsolute;
        FloatVector scale = FloatVector.fromArray(FLOATS, newScale, column);
        FloatVector min = FloatVector.fromArray(FLOATS, newMin, column);
        FloatVector error = FloatVector.zero(FLOATS);
        for (int i = column; i < end; i += COLUMNS) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i);
            FloatVector w = FloatVector.fromArray(FLOATS, weights, i);
            FloatVector l = FloatVector.fromArray(FLOATS, quants, i);
            FloatVector difference = scale.mul(l).add(min).sub(x);
            FloatVector size = isAbsolute ? difference.abs() : difference.mul(difference);
            error = error.add(w.mul(size));
        }
        FloatVector oldError = FloatVector.fromArray(FLOATS, this.error, column);
        FloatVector oldMin = FloatVector.fromArray(FLOATS, this.min, column);
        FloatVector oldScale = FloatVector.fromArray(FLOATS, this.scale, column);
        FloatVector oldQuantMin = FloatVector.fromArray(FLOATS, quantMin, column);
        FloatVector oldQuantScale = FloatVector.fromArray(FLOATS, quantScale, column);
        VectorMask<Float> isBetter = error.compare(LT, oldError)
                .and(FloatVector.fromArray(FLOATS, determinant, column).compare(GT, 0));
        error.intoArray(newError, column);
        oldError.blend(error, isBetter).intoArray(this.error, column);
        oldMin.blend(min, isBetter).intoArray(this.min, column);
        oldScale.blend(scale, isBetter).intoArray(this.scale, column);
        oldQuantMin.blend(oldMin, isBetter).intoArray(quantMin, column);
        oldQuantScale
                .blend(FloatVector.fromArray(FLOATS, levels, column), isBetter)
                .intoArray(quantScale, column);
    }
}
