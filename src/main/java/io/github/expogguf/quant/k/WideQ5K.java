package io.github.expogguf.quant.k;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * Q5_K: eight sub-blocks of 32 values with quants of 5 bits (block_q5_K of ggml-common.h, quantize_row_q5_K_ref and
 * quantize_row_q5_K_impl of ggml-quants.c, ggml 0.25.1).
 *
 * <pre>
 * bytes  | meaning
 * 0-1    | d, half, scale of the scales
 * 2-3    | dmin, half, scale of the minima
 * 4-15   | scales and minima, 6 bits each
 * 16-47  | upper bits of the quants
 * 48-175 | lower 4 bits of the quants
 * </pre>
 */
public final class WideQ5K extends WideScaleMin {

    private static final int SUB_BLOCK = 32;
    private static final int SCALES_OFFSET = 4;
    private static final int UPPER_OFFSET = 16;
    private static final int LOWER_OFFSET = UPPER_OFFSET + SUPER_BLOCK / 8;
    private static final int LOWER = 0x0f0f_0f0f;
    private static final int UPPER = 0x0101_0101;
    private static final Shape SHAPE = new Shape(GgmlType.Q5_K, SUB_BLOCK, 31, 63, 0, 2);

    public WideQ5K(boolean hasImportance) {
        super(SHAPE, () -> search(hasImportance), 63, hasImportance);
    }

    private static ScaleMinSearch search(boolean hasImportance) {
        return hasImportance
                ? new ScaleMinSearch(SUB_BLOCK, 31, -0.9f, 0.05f, 36, false)
                : new ScaleMinSearch(SUB_BLOCK, 31, -0.5f, 0.1f, 15, false);
    }

    @Override
    void weigh(float[] values, float[] weights) {
        ColumnWeights.magnitudesAndRoot(values, weights);
    }

    @Override
    void packScales(int[] scales, int[] mins, MemorySegment target, long offset) {
        SixBitScales.pack(scales, mins, target, offset + SCALES_OFFSET);
    }

    /**
     * First the upper bits, bit j of byte i for value i of sub-block j; then the lower four, a value of an even
     * sub-block in the lower half of a byte, one of the next sub-block in its upper half.
     */
    @Override
    void pack(int[] quants, MemorySegment target, long offset) {
        int ints = SUB_BLOCK / Integer.BYTES;
        for (int i = 0; i < ints; i++) {
            int upperBits = 0;
            for (int pair = 0; pair < quants.length; pair += 2 * ints) {
                int a = quants[pair + i];
                int b = quants[pair + ints + i];
                upperBits |= ((a >> 4 & UPPER) | (b >> 4 & UPPER) << 1) << (pair / ints);
                target.set(
                        Lanes.FOUR_BYTES, offset + LOWER_OFFSET + pair * 2L + i * 4L, (a & LOWER) | (b & LOWER) << 4);
            }
            target.set(Lanes.FOUR_BYTES, offset + UPPER_OFFSET + i * 4L, upperBits);
        }
    }
}
