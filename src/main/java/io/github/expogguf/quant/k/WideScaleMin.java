package io.github.expogguf.quant.k;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.ColumnQuants;
import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * What Q2_K, Q4_K and Q5_K share (quantize_row_q4_K_ref, quantize_row_q4_K_impl and their kin in ggml-quants.c, ggml
 * 0.25.1): the sub-blocks of a super-block have scales and minima, which are quantized themselves.
 */
abstract class WideScaleMin implements BlockQuantizer {

    /**
     * What sets the types apart.
     *
     * @param subBlock  values of a sub-block
     * @param most      largest quant
     * @param mostScale largest quant of scales and minima
     * @param dOffset   bytes of a block before d, the scale of the scales, and dmin, that of the minima: two halves
     * @param squares   how often the mean square of a super-block joins that of a value in its weight
     */
    record Shape(GgmlType type, int subBlock, int most, int mostScale, int dOffset, int squares) {}

    private static final int BYTE = 0xff;

    private static final int SEARCHES = 2;

    private final Shape shape;
    private final ScaleMinSearch[] searches = new ScaleMinSearch[SEARCHES];
    private final ScaleMinSearch[] firstSearch;
    private final boolean hasImportance;
    private final int subBlock;
    private final int subBlocks;
    private final int scaleLimit;
    private final WeighedScales scales;
    private final WeighedScales mins;
    private final float[] squares = new float[COLUMNS];
    private final float[] positiveMins = new float[COLUMNS];
    private final ColumnQuants quants;
    private final int[] packable = new int[SUPER_BLOCK / Integer.BYTES];

    // of the current super-block
    private short d;
    private short dmin;

    /**
     * @param scaleLimit {@code mostScale}, or 255 where ggml does not limit the quants of scales and minima, which are
     *     larger only if they were negative
     */
    WideScaleMin(Shape shape, Supplier<ScaleMinSearch> search, int scaleLimit, boolean hasImportance) {
        this.shape = shape;
        Arrays.setAll(searches, _ -> search.get());
        this.firstSearch = Arrays.copyOf(searches, 1);
        this.hasImportance = hasImportance;
        this.subBlock = shape.subBlock;
        this.subBlocks = SUPER_BLOCK / subBlock;
        this.scaleLimit = scaleLimit;
        this.scales = new WeighedScales(subBlocks, shape.mostScale);
        this.mins = new WeighedScales(subBlocks, shape.mostScale);
        this.quants = new ColumnQuants(subBlock, 0, shape.most);
    }

    /** Computes the weights of the values, where there is no importance; both stand in columns. */
    abstract void weigh(float[] values, float[] weights);

    /** Packs the quants of the scales and minima of a super-block, and leaves in the arrays what can be unpacked. */
    abstract void packScales(int[] scales, int[] mins, MemorySegment target, long offset);

    /** Packs the quants of a super-block, which are bytes of the ints in their order. */
    abstract void pack(int[] quants, MemorySegment target, long offset);

    @Override
    public final int groupSize() {
        return SEARCHES * COLUMNS / subBlocks;
    }

    @Override
    public final boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        int blocksOfSearch = COLUMNS / subBlocks;
        ScaleMinSearch[] needed = count > blocksOfSearch ? searches : firstSearch;
        for (int i = 0; i < needed.length * blocksOfSearch; i++) {
            long offset =
                    Math.min(i, count - 1) * (long) SUPER_BLOCK * Float.BYTES; // the last one again fills the columns
            int column = i % blocksOfSearch * subBlocks;
            ScaleMinSearch search = needed[i / blocksOfSearch];
            Lanes.transpose(source, sourceOffset + offset, subBlock, subBlocks, search.values, column);
            if (hasImportance) {
                Lanes.transpose(importance, offset, subBlock, subBlocks, search.weights, column);
                ColumnWeights.meanSquare(source, sourceOffset + offset, shape.squares, squares, column, subBlocks);
            }
            if (column + subBlocks == COLUMNS) {
                weighAll(search);
            }
        }
        if (!ScaleMinSearch.run(needed)) {
            return false;
        }
        for (int first = 0; first < count; first += blocksOfSearch) {
            int blocks = Math.min(blocksOfSearch, count - first);
            long offset = targetOffset + (long) first * shape.type.blockBytes();
            if (!finish(needed[first / blocksOfSearch], blocks, target, offset)) {
                return false;
            }
        }
        return true;
    }

    private void weighAll(ScaleMinSearch search) {
        if (hasImportance) {
            ColumnWeights.importance(search.values, squares, search.weights);
        } else {
            weigh(search.values, search.weights);
        }
    }

    /** Quantizes the scales and minima that were found, and the values with what remains of them. */
    private boolean finish(ScaleMinSearch search, int blocks, MemorySegment target, long targetOffset) {
        for (int i = 0; i < blocks; i++) {
            if (!finishScales(search, i * subBlocks, target, targetOffset + (long) i * shape.type.blockBytes())) {
                return false;
            }
        }
        quants.divide(search.values);
        for (int i = 0; i < blocks; i++) {
            for (int column = i * subBlocks; column < (i + 1) * subBlocks; column++) {
                if (quants.scale[column] == 0) {
                    keep(search, column);
                }
            }
            quants.copy(i * subBlocks, packable);
            pack(packable, target, targetOffset + (long) i * shape.type.blockBytes());
        }
        return true;
    }

    /** Those of a super-block. */
    private boolean finishScales(ScaleMinSearch search, int column, MemorySegment target, long targetOffset) {
        if (hasImportance) {
            quantizeScalesByWeight(search, column);
        } else {
            quantizeScales(search, column);
        }
        if (!Lanes.isFiniteHalf(d) || !Lanes.isFiniteHalf(dmin)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset + shape.dOffset, d);
        target.set(Lanes.HALF, targetOffset + shape.dOffset + Short.BYTES, dmin);
        packScales(scales.quants, mins.quants, target, targetOffset);
        for (int j = 0; j < subBlocks; j++) {
            quants.scale[column + j] = Float.float16ToFloat(d) * scales.quants[j];
            quants.min[column + j] = Float.float16ToFloat(dmin) * mins.quants[j];
        }
        return true;
    }

    /** Where the scale has become 0, the quants of the search stay, for no value depends on them. */
    private void keep(ScaleMinSearch search, int column) {
        for (int i = 0; i < subBlock; i++) {
            float value = search.values[i * COLUMNS + column];
            int quant = Lanes.nearestInt((value - search.quantMin[column]) * search.quantScale[column]);
            quants.set(column, i, Math.clamp(quant, 0, shape.most));
        }
    }

    private void quantizeScales(ScaleMinSearch search, int column) {
        float maxScale = 0;
        float maxMin = 0;
        for (int j = column; j < column + subBlocks; j++) {
            maxScale = search.scale[j] > maxScale ? search.scale[j] : maxScale;
            maxMin = -search.min[j] > maxMin ? -search.min[j] : maxMin;
        }
        float inverseScale = maxScale > 0 ? shape.mostScale / maxScale : 0;
        float inverseMin = maxMin > 0 ? shape.mostScale / maxMin : 0;
        for (int j = 0; j < subBlocks; j++) {
            scales.quants[j] = limit(Lanes.nearestInt(inverseScale * search.scale[column + j]));
            mins.quants[j] = limit(Lanes.nearestInt(inverseMin * -search.min[column + j]));
        }
        d = Float.floatToFloat16(maxScale / shape.mostScale);
        dmin = Float.floatToFloat16(maxMin / shape.mostScale);
    }

    private void quantizeScalesByWeight(ScaleMinSearch search, int column) {
        for (int j = column; j < column + subBlocks; j++) {
            positiveMins[j] = -search.min[j];
        }
        d = Float.floatToFloat16(scales.run(search.scale, search.sumOfWeights, column));
        dmin = Float.floatToFloat16(mins.run(positiveMins, search.sumOfWeights, column));
        for (int j = 0; j < subBlocks; j++) {
            scales.quants[j] = limit(scales.quants[j]);
            mins.quants[j] = limit(mins.quants[j]);
        }
    }

    /** A byte in ggml before it is limited, so that a negative one becomes large. */
    private int limit(int quant) {
        return Math.min(scaleLimit, quant & BYTE);
    }
}
