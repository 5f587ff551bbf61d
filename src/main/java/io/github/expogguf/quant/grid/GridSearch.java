package io.github.expogguf.quant.grid;

import static io.github.expogguf.quant.lanes.Lanes.FLOATS;
import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.expogguf.quant.lanes.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The search that the quantizers of IQ2_XXS to IQ3_S share ({@code quantize_row_iq2_xxs_impl} and its kin of ggml-
 * quants.c, ggml 0.25.1): looks for the scale with which points of a codebook come closest to the values of a sub-
 * block. The operations and their order are those of the C code.
 *
 * <p>A lane belongs to one of the scales that are tried. They differ by a few percent, so that a group of values
 * rounds to the same point with many of them, and all these then look at the same neighbours of that point.
 */
final class GridSearch {

    /** Scales that are tried, at most; the distance between the rows of what is kept for each. */
    private static final int STRIDE = 32;

    private static final IntVector LANE = IntVector.zero(INTS).addIndex(1);

    /** What becomes of groups whose values rounded to no point of the codebook, once the scale is known. */
    enum Again {
        /** They get the nearest point for that scale. */
        WHERE_OFF,
        /** All groups do, if there is one. */
        ALL_IF_OFF,
        /** All groups do in any case. */
        ALL
    }

    /** The magnitudes of the values, but for a sign that was flipped. */
    final float[] values;

    /** The weights of the values. */
    final float[] weights;

    /** The points found, packed as in {@link GridPoints}; a group of values each. */
    final int[] points;

    private final GridPoints grid;
    private final Again again;
    private final int length;
    private final int dimension;
    private final int bits;
    private final int levelMask;
    private final int most;
    private final int steps;
    private final float[] numerators = new float[STRIDE];

    private final float[] roots;
    private final float[] factors = new float[STRIDE];
    private final float[] levels; // [levels][STRIDE], times the scale
    private final float[] bestLevels; // the same for the best scale
    private final float[] errors; // [dimension][levels][STRIDE]
    private final int[] rounded; // [groups][STRIDE]
    private final int[] nearest; // [groups][STRIDE]
    private final float[] sumOfProducts = new float[STRIDE];
    private final float[] sumOfSquares = new float[STRIDE];

    /**
     * A search.
     *
     * @param length of a sub-block
     * @param steps  in each direction
     * @param width  of a step, in halves of the distance between levels, at the largest value
     */
    GridSearch(GridPoints grid, int length, int steps, float width, Again again) {
        this.grid = grid;
        this.again = again;
        this.length = length;
        this.dimension = grid.dimension;
        this.bits = grid.bits;
        this.levelMask = (1 << bits) - 1;
        this.most = 2 * grid.levels - 1;
        this.steps = 2 * steps + 1;
        for (int i = 0; i < STRIDE; i++) {
            numerators[i] = most + Math.min(i - steps, steps) * width;
        }
        this.values = new float[length];
        this.weights = new float[length];
        this.points = new int[length / dimension];
        this.roots = new float[length];
        this.levels = new float[grid.levels * STRIDE];
        this.bestLevels = new float[grid.levels];
        this.errors = new float[dimension * levels.length];
        this.rounded = new int[points.length * STRIDE];
        this.nearest = new int[rounded.length];
    }

    /**
     * Finds points and returns the scale to multiply them with, NaN where ggml has to do it.
     *
     * @param largest  of the values, more than 0
     * @param standard scale for the case that none is found
     */
    float run(float largest, float standard) {
        if (!Float.isFinite(numerators[steps - 1] / largest)) {
            return Float.NaN;
        }
        for (int i = 0; i < length; i += LANES) {
            FloatVector.fromArray(FLOATS, weights, i).sqrt().intoArray(roots, i);
        }
        begin(largest);
        for (int group = 0; group < points.length; group++) {
            round(group);
            measure(group);
            choose(group * STRIDE);
        }
        sum();
        int best = judge();
        float scale = best < 0 ? standard : sumOfProducts[best] / sumOfSquares[best];
        if (!(scale > 0) || !Float.isFinite(1 / scale)) {
            return Float.NaN;
        }
        return chooseAgain(best, scale);
    }

    /** The scales that are tried, and all levels times these. */
    private void begin(float largest) {
        for (int step = 0; step < steps; step += LANES) {
            FloatVector factor = FloatVector.fromArray(FLOATS, numerators, step).div(largest);
            factor.intoArray(factors, step);
            FloatVector scale = FloatVector.broadcast(FLOATS, 1).div(factor);
            for (int level = 0; level < grid.levels; level++) {
                scale.mul(2 * level + 1).intoArray(levels, level * STRIDE + step);
            }
        }
    }

    private void round(int group) {
        for (int step = 0; step < steps; step += LANES) {
            FloatVector factor = FloatVector.fromArray(FLOATS, factors, step);
            IntVector point = IntVector.zero(INTS);
            for (int i = dimension - 1; i >= 0; i--) {
                FloatVector number =
                        factor.mul(values[group * dimension + i]).sub(1).mul(0.5f);
                point = point.lanewise(LSHL, bits).or(Lanes.nearestInt(number, 0, grid.levels - 1));
            }
            point.intoArray(rounded, group * STRIDE + step);
        }
    }

    /** What each level of each coordinate would add to the distance. */
    private void measure(int group) {
        float[] levels = this.levels;
        float[] errors = this.errors;
        for (int i = 0; i < dimension; i++) {
            float value = values[group * dimension + i];
            float root = roots[group * dimension + i];
            int first = i * levels.length;
            for (int step = 0; step < steps; step += LANES) {
                for (int level = step; level < levels.length; level += STRIDE) {
                    FloatVector difference =
                            FloatVector.fromArray(FLOATS, levels, level).sub(value);
                    difference.mul(root).mul(difference).intoArray(errors, first + level);
                }
            }
        }
    }

    /** Takes the nearest neighbour of a point that is not in the codebook. */
    private void choose(int row) {
        int from = 0;
        while (from < steps) {
            int point = rounded[row + from];
            int to = from + 1;
            while (to < steps && rounded[row + to] == point) {
                to++;
            }
            if (grid.isInCodebook(point)) {
                Arrays.fill(nearest, row + from, row + to, point);
            } else {
                for (int step = from / LANES * LANES; step < to; step += LANES) {
                    storeNearest(grid.first(point), step, row + step, from - step);
                }
            }
            from = to;
        }
    }

    /** Overwrites what is right of the lanes meant, too, for that comes later. */
    private void storeNearest(int first, int step, int index, int firstLane) {
        char[] neighbours = grid.neighbours();
        int end = first + neighbours[first];
        FloatVector least = FloatVector.broadcast(FLOATS, Float.MAX_VALUE);
        IntVector point = IntVector.zero(INTS);
        for (int i = first + 1; i <= end; i++) {
            FloatVector distance = dimension == 4 ? distanceOf4(neighbours[i], step) : distanceOf8(neighbours[i], step);
            VectorMask<Float> isLess = distance.compare(LT, least);
            least = least.blend(distance, isLess);
            point = point.blend(neighbours[i], isLess.cast(INTS));
        }
        IntVector others = IntVector.fromArray(INTS, nearest, index);
        others.blend(point, LANE.compare(GE, firstLane)).intoArray(nearest, index);
    }

    private FloatVector distanceOf4(int point, int step) {
        return error(step, 0, point & 7)
                .add(error(step, 8, point >> 3 & 7))
                .add(error(step, 16, point >> 6 & 7))
                .add(error(step, 24, point >> 9));
    }

    private FloatVector distanceOf8(int point, int step) {
        return error(step, 0, point & 3)
                .add(error(step, 3, point >> 2 & 3))
                .add(error(step, 6, point >> 4 & 3))
                .add(error(step, 9, point >> 6 & 3))
                .add(error(step, 12, point >> 8 & 3))
                .add(error(step, 15, point >> 10 & 3))
                .add(error(step, 18, point >> 12 & 3))
                .add(error(step, 21, point >> 14));
    }

    private FloatVector error(int step, int first, int level) {
        return FloatVector.fromArray(FLOATS, errors, (first + level) * STRIDE + step);
    }

    private void sum() {
        for (int step = 0; step < steps; step += LANES) {
            FloatVector sumXq = FloatVector.zero(FLOATS);
            FloatVector sumQ2 = FloatVector.zero(FLOATS);
            for (int group = 0; group < points.length; group++) {
                IntVector point = IntVector.fromArray(INTS, nearest, group * STRIDE + step);
                for (int i = group * dimension; i < (group + 1) * dimension; i++) {
                    FloatVector q = (FloatVector)
                            point.and(levelMask).lanewise(LSHL, 1).or(1).convert(I2F, 0);
                    point = point.lanewise(LSHR, bits);
                    sumXq = sumXq.add(q.mul(weights[i] * values[i]));
                    sumQ2 = sumQ2.add(q.mul(weights[i]).mul(q));
                }
            }
            sumXq.intoArray(sumOfProducts, step);
            sumQ2.intoArray(sumOfSquares, step);
        }
    }

    /** The best scale's index, -1 where none is good. */
    private int judge() {
        float best = 0;
        int found = -1;
        for (int step = 0; step < steps; step++) {
            float sumXq = sumOfProducts[step];
            float sumQ2 = sumOfSquares[step];
            if (sumQ2 > 0 && sumXq * sumXq > best * sumQ2) {
                best = sumXq / sumQ2 * sumXq;
                found = step;
            }
        }
        return found;
    }

    /** Goes over the points with the best scale, and returns what is best for them. */
    private float chooseAgain(int best, float scale) {
        boolean isAllOn = true;
        for (int group = 0; group < points.length; group++) {
            points[group] = best < 0 ? 0 : nearest[group * STRIDE + best];
            isAllOn &= isOn(group, best);
        }
        if (isAllOn && again != Again.ALL) {
            return scale;
        }
        float factor = 1 / scale;
        for (int level = 0; level < grid.levels; level++) {
            bestLevels[level] = scale * (2 * level + 1);
        }
        for (int group = 0; group < points.length; group++) {
            if (again != Again.WHERE_OFF || !isOn(group, best)) {
                points[group] = nearest(group, factor);
            }
        }
        float sumXq = 0;
        float sumQ2 = 0;
        for (int i = 0; i < length; i++) {
            float q = 2 * (points[i / dimension] >> (i % dimension * bits) & levelMask) + 1;
            sumXq += weights[i] * values[i] * q;
            sumQ2 += weights[i] * q * q;
        }
        return sumQ2 > 0 ? sumXq / sumQ2 : scale;
    }

    /** Where no scale was good ggml counts all groups as being on points, or none. */
    private boolean isOn(int group, int best) {
        return best < 0 ? again == Again.WHERE_OFF : grid.isInCodebook(rounded[group * STRIDE + best]);
    }

    private int nearest(int group, float factor) {
        int start = group * dimension;
        int point = 0;
        for (int i = 0; i < dimension; i++) {
            int level = Lanes.nearestInt(0.5f * (factor * values[start + i] - 1));
            point |= Math.clamp(level, 0, grid.levels - 1) << (bits * i);
        }
        if (grid.isInCodebook(point)) {
            return point;
        }
        char[] neighbours = grid.neighbours();
        int first = grid.first(point);
        int end = first + neighbours[first];
        float least = Float.MAX_VALUE;
        for (int j = first + 1; j <= end; j++) {
            int neighbour = neighbours[j];
            float distance = 0;
            for (int i = 0; i < dimension; i++) {
                float difference = bestLevels[neighbour >> (bits * i) & levelMask] - values[start + i];
                distance += roots[start + i] * difference * difference;
            }
            if (distance < least) {
                least = distance;
                point = neighbour;
            }
        }
        return point;
    }
}
