package io.github.expogguf.quant.grid;

import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.k.WeighedScales;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS and IQ3_S: super-blocks whose values are points of a codebook, with signs and a
 * scale for each sub-block (quantize_iq2_xxs and its kin of ggml-quants.c, ggml 0.25.1).
 */
public final class WideGrid implements BlockQuantizer {

    private static final int GROUP_SIZE = 4;
    private static final int SIGNS = 8;
    private static final int MOST_SCALE = 15;

    private final GgmlType type;
    private final boolean hasImportance;
    private final boolean hasEvenSigns;
    private final int subBlock;
    private final float leastLargest;
    private final float fudge;
    private final GridPoints grid;
    private final GridSearch search;
    private final GridBlock block;
    private final float[] scales;
    private final @Nullable WeighedScales firstScale; // null where the search begins with the largest value

    public WideGrid(GgmlType type, boolean hasImportance) {
        this.type = type;
        this.hasImportance = hasImportance;
        this.hasEvenSigns = type == GgmlType.IQ2_XXS || type == GgmlType.IQ2_XS || type == GgmlType.IQ3_XXS;
        this.grid = GridPoints.of(type);
        this.search = switch (type) {
            case IQ2_XXS -> new GridSearch(grid, 32, 6, 0.1f, GridSearch.Again.ALL);
            case IQ2_XS, IQ2_S -> new GridSearch(grid, 16, 9, 0.1f, GridSearch.Again.WHERE_OFF);
            case IQ3_XXS -> new GridSearch(grid, 32, 15, 0.2f, GridSearch.Again.WHERE_OFF);
            default -> new GridSearch(grid, 32, 9, 0.2f, GridSearch.Again.ALL_IF_OFF);
        };
        this.leastLargest = switch (type) {
            case IQ2_XXS, IQ2_XS -> 1e-15f;
            case IQ2_S, IQ3_XXS -> 1e-8f;
            default -> Float.MIN_VALUE;
        };
        this.fudge = switch (type) {
            case IQ2_S -> 0.9875f;
            case IQ3_XXS -> 1.0125f;
            case IQ3_S -> 1.033f;
            default -> 1;
        };
        this.subBlock = search.values.length;
        this.scales = new float[SUPER_BLOCK / subBlock];
        this.block = GridBlock.of(type, grid.dimension, scales.length);
        this.firstScale = type == GgmlType.IQ2_XXS ? new WeighedScales(subBlock, grid.levels + 1) : null;
    }

    @Override
    public int groupSize() {
        return GROUP_SIZE;
    }

    @Override
    public boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        for (int i = 0; i < count; i++) {
            long start = (long) i * SUPER_BLOCK * Float.BYTES;
            long offset = targetOffset + (long) i * type.blockBytes();
            if (!quantize(source, sourceOffset + start, importance, start, target, offset)) {
                return false;
            }
        }
        return true;
    }

    private boolean quantize(
            MemorySegment source,
            long sourceOffset,
            MemorySegment importance,
            long importanceOffset,
            MemorySegment target,
            long targetOffset) {
        Arrays.fill(block.numbers(), 0);
        Arrays.fill(block.signs(), 0);
        Arrays.fill(block.scales(), 0);
        float variance = variance(source, sourceOffset);
        float most = 0;
        for (int i = 0; i < scales.length; i++) {
            long start = (long) i * subBlock * Float.BYTES;
            weigh(source, sourceOffset + start, importance, importanceOffset + start, variance);
            scales[i] = find(source, sourceOffset + start, i);
            if (!(scales[i] >= 0) || (type == GgmlType.IQ3_S && scales[i] > 0 && i > 0 && scales[i - 1] == 0)) {
                return false; // ggml puts what follows a sub-block of zeros of IQ3_S where that one would have been
            }
            most = Math.max(most, scales[i]);
        }
        float d = most / 31;
        short half = Float.floatToFloat16(d * fudge);
        float factor = most > 0 ? 1 / d : 0;
        if (!Lanes.isFiniteHalf(half) || !Float.isFinite(factor)) {
            return false;
        }
        for (int i = 0; i < scales.length; i++) {
            int scale = Lanes.nearestInt(0.5f * (factor * scales[i] - 1));
            block.scales()[i] = most > 0 ? Math.clamp(scale, 0, MOST_SCALE) : 0;
        }
        target.set(Lanes.HALF, targetOffset, half);
        block.pack(target, targetOffset);
        return true;
    }

    /** {@code sigma2}. */
    private float variance(MemorySegment source, long offset) {
        if (!hasImportance && type != GgmlType.IQ2_S) {
            return 0; // not used
        }
        float sum = 0;
        for (int i = 0; i < SUPER_BLOCK; i++) {
            float x = source.get(JAVA_FLOAT_UNALIGNED, offset + (long) i * Float.BYTES);
            sum += x * x;
        }
        return (type == GgmlType.IQ2_XXS || type == GgmlType.IQ2_XS ? sum : 2 * sum) / SUPER_BLOCK;
    }

    private void weigh(
            MemorySegment source, long offset, MemorySegment importance, long importanceOffset, float variance) {
        for (int i = 0; i < subBlock; i += LANES) {
            long start = (long) i * Float.BYTES;
            FloatVector x = Lanes.load(source, offset + start);
            FloatVector weight = x.mul(x);
            if (hasImportance) {
                weight = Lanes.load(importance, importanceOffset + start)
                        .mul(weight.add(variance).sqrt());
            } else if (type == GgmlType.IQ2_S) {
                weight = weight.add(0.25f * variance);
            }
            weight.intoArray(search.weights, i);
            x.abs().intoArray(search.values, i);
        }
    }

    /** Finds the points and signs of a sub-block; returns its scale, NaN where ggml has to do it. */
    private float find(MemorySegment source, long offset, int index) {
        int signs = 0;
        for (int i = 0; i < subBlock; i += LANES) {
            FloatVector x = Lanes.load(source, offset + (long) i * Float.BYTES);
            signs |= (int) x.compare(LT, 0).toLong() << i;
        }
        if (hasEvenSigns) {
            signs = makeEven(signs);
        }
        float largest = search.values[0];
        for (float value : search.values) {
            largest = Math.max(largest, value);
        }
        if (largest < leastLargest) {
            return 0;
        }
        float scale = largest / (2 * grid.levels - 1);
        if (firstScale != null) {
            scale = firstScale.run(search.values, search.weights, 0);
            largest = scale * grid.levels;
            if (largest <= 0) {
                return 0;
            }
        }
        scale = search.run(largest, scale);
        for (int i = 0; i < search.points.length; i++) {
            block.numbers()[index * search.points.length + i] = grid.number(search.points[i]);
        }
        for (int i = 0; i < subBlock / SIGNS; i++) {
            block.signs()[index * subBlock / SIGNS + i] = signs >>> (SIGNS * i) & (hasEvenSigns ? 127 : 255);
        }
        return scale > 0 ? scale : Float.NaN;
    }

    /** Flips a sign of each eight that have an odd number of them, that of the value that counts least. */
    private int makeEven(int signs) {
        int even = signs;
        for (int first = 0; first < subBlock; first += SIGNS) {
            if (Integer.bitCount(signs >>> first & 255) % 2 == 0) {
                continue;
            }
            int found = first;
            float least = Float.POSITIVE_INFINITY;
            for (int i = first; i < first + SIGNS; i++) {
                float square = search.weights[i] * search.values[i] * search.values[i];
                if (square < least) {
                    least = square;
                    found = i;
                }
            }
            search.values[found] = -search.values[found];
            even ^= 1 << found;
        }
        return even;
    }
}
