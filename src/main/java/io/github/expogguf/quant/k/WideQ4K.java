package io.github.expogguf.quant.k;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * Q4_K: eight sub-blocks of 32 values with quants of 4 bits (block_q4_K of ggml-common.h, quantize_row_q4_K_ref and
 * quantize_row_q4_K_impl of ggml-quants.c, ggml 0.25.1).
 *
 * <pre>
 * bytes  | meaning
 * 0-1    | d, half, scale of the scales
 * 2-3    | dmin, half, scale of the minima
 * 4-15   | scales and minima, 6 bits each
 * 16-143 | quants
 * </pre>
 */
public final class WideQ4K extends WideScaleMin {

    private static final int SUB_BLOCK = 32;
    private static final int SCALES_OFFSET = 4;
    private static final int QUANTS_OFFSET = 16;
    private static final Shape SHAPE = new Shape(GgmlType.Q4_K, SUB_BLOCK, 15, 63, 0, 2);

    public WideQ4K(boolean hasImportance) {
        super(SHAPE, () -> search(hasImportance), hasImportance ? 255 : 63, hasImportance);
    }

    private static ScaleMinSearch search(boolean hasImportance) {
        return hasImportance
                ? new ScaleMinSearch(SUB_BLOCK, 15, -0.9f, 0.05f, 36, false)
                : new ScaleMinSearch(SUB_BLOCK, 15, -1f, 0.1f, 20, false);
    }

    @Override
    void weigh(float[] values, float[] weights) {
        ColumnWeights.magnitudesAndRoot(values, weights);
    }

    @Override
    void packScales(int[] scales, int[] mins, MemorySegment target, long offset) {
        SixBitScales.pack(scales, mins, target, offset + SCALES_OFFSET);
    }

    /** A byte holds a value of an even sub-block in its lower half, one of the next sub-block in its upper half. */
    @Override
    void pack(int[] quants, MemorySegment target, long offset) {
        int ints = SUB_BLOCK / Integer.BYTES;
        for (int pair = 0; pair < quants.length; pair += 2 * ints) {
            long bytes = offset + QUANTS_OFFSET + pair * 2L;
            for (int i = 0; i < ints; i++) {
                int four = quants[pair + i] | quants[pair + ints + i] << 4;
                target.set(Lanes.FOUR_BYTES, bytes + i * 4L, four);
            }
        }
    }
}
