package io.github.expogguf.quant.k;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.ColumnWeights;
import java.lang.foreign.MemorySegment;

/**
 * Q2_K: sixteen sub-blocks of 16 values with quants of 2 bits (block_q2_K of ggml-common.h, quantize_row_q2_K_ref and
 * quantize_row_q2_K_impl of ggml-quants.c, ggml 0.25.1).
 *
 * <pre>
 * bytes | meaning
 * 0-15  | scale of a sub-block in the lower half of a byte, minimum in the upper
 * 16-79 | quants
 * 80-81 | d, half, scale of the scales
 * 82-83 | dmin, half, scale of the minima
 * </pre>
 */
public final class WideQ2K extends WideScaleMin {

    private static final int SUB_BLOCK = 16;
    private static final int QUANTS_OFFSET = SUPER_BLOCK / SUB_BLOCK;
    private static final int LOWER = 15;
    private static final Shape SHAPE =
            new Shape(GgmlType.Q2_K, SUB_BLOCK, 3, LOWER, QUANTS_OFFSET + SUPER_BLOCK / 4, 1);

    public WideQ2K(boolean hasImportance) {
        super(SHAPE, () -> search(hasImportance), 255, hasImportance);
    }

    private static ScaleMinSearch search(boolean hasImportance) {
        return hasImportance
                ? new ScaleMinSearch(SUB_BLOCK, 3, -0.9f, 0.05f, 36, false)
                : new ScaleMinSearch(SUB_BLOCK, 3, -0.5f, 0.1f, 15, true);
    }

    @Override
    void weigh(float[] values, float[] weights) {
        ColumnWeights.magnitudes(values, weights);
    }

    @Override
    void packScales(int[] scales, int[] mins, MemorySegment target, long offset) {
        for (int j = 0; j < scales.length; j++) {
            int bits = scales[j] | mins[j] << 4; // a scale that was negative spoils the minimum, in ggml too
            target.set(JAVA_BYTE, offset + j, (byte) bits);
            scales[j] = bits & LOWER;
            mins[j] = bits >> 4 & LOWER;
        }
    }

    @Override
    void pack(int[] quants, MemorySegment target, long offset) {
        TwoBits.pack(quants, target, offset + QUANTS_OFFSET);
    }
}
