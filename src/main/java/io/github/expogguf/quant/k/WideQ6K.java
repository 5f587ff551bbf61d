package io.github.expogguf.quant.k;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.ColumnQuants;
import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.ScaleSearch;
import java.lang.foreign.MemorySegment;

/**
 * Q6_K: sixteen sub-blocks of 16 values with quants of 6 bits and scales of 8 (block_q6_K of ggml-common.h,
 * quantize_row_q6_K_ref and quantize_row_q6_K_impl of ggml-quants.c, ggml 0.25.1).
 *
 * <pre>
 * bytes   | meaning
 * 0-127   | lower 4 bits of the quants
 * 128-191 | upper 2 bits of the quants
 * 192-207 | scales, signed
 * 208-209 | d, half, scale of the scales
 * </pre>
 */
public final class WideQ6K implements BlockQuantizer {

    private static final int SUB_BLOCK = 16;
    private static final int SUB_BLOCKS = SUPER_BLOCK / SUB_BLOCK;
    private static final int MOST = 32;
    private static final int UPPER_OFFSET = SUPER_BLOCK / 2;
    private static final int SCALES_OFFSET = UPPER_OFFSET + SUPER_BLOCK / 4;
    private static final int D_OFFSET = SCALES_OFFSET + SUB_BLOCKS;

    // of each of four bytes: bits 0-3, bits 0-1
    private static final int LOWER = 0x0f0f_0f0f;
    private static final int UPPER = 0x0303_0303;

    private final ScaleSearch search = new ScaleSearch(SUB_BLOCK, MOST);
    private final ColumnQuants quants = new ColumnQuants(SUB_BLOCK, -MOST, MOST - 1);
    private final int[] packable = new int[SUPER_BLOCK / Integer.BYTES];
    private final boolean hasImportance;

    public WideQ6K(boolean hasImportance) {
        this.hasImportance = hasImportance;
    }

    @Override
    public int groupSize() {
        return 1;
    }

    @Override
    public boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        Lanes.transpose(source, sourceOffset, SUB_BLOCK, SUB_BLOCKS, search.values, 0);
        if (hasImportance) {
            Lanes.transpose(importance, 0, SUB_BLOCK, SUB_BLOCKS, search.weights, 0);
        } else {
            ColumnWeights.squares(search.values, search.weights);
        }
        search.run();
        float maxScale = 0;
        for (float scale : search.scale) {
            maxScale = Math.abs(scale) > Math.abs(maxScale) ? scale : maxScale;
        }
        if (Math.abs(maxScale) < ScaleSearch.LEAST_MAGNITUDE) {
            target.asSlice(targetOffset, GgmlType.Q6_K.blockBytes()).fill((byte) 0);
            return true;
        }
        float inverseScale = -128f / maxScale;
        short d = Float.floatToFloat16(1 / inverseScale);
        if (!Lanes.isFiniteHalf(d)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset + D_OFFSET, d);
        float roundedD = Float.float16ToFloat(d);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            byte subScale = (byte) Math.min(127, Lanes.nearestInt(inverseScale * search.scale[j]));
            target.set(JAVA_BYTE, targetOffset + SCALES_OFFSET + j, subScale);
            quants.scale[j] = roundedD * subScale;
        }
        quants.divide(search.values);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            if (quants.scale[j] == 0) {
                keep(j);
            }
        }
        quants.copy(0, packable);
        pack(packable, target, targetOffset);
        return true;
    }

    /** Where the scale has become 0, the quants of the search stay, for no value depends on them. */
    private void keep(int j) {
        for (int i = 0; i < SUB_BLOCK; i++) {
            float value = search.values[i * COLUMNS + j];
            quants.set(j, i, ScaleSearch.quant(value, search.quantScale[j], search.magnitude[j], MOST));
        }
    }

    /**
     * Of 128 quants, with numbers from 0:
     *
     * <pre>
     * byte  | bits 7-4       | bits 3-0
     * 0-31  | lower of 64-95 | lower of 0-31
     * 32-63 | lower of 96-   | lower of 32-63
     * byte  | bits 7-6       | bits 5-4       | bits 3-2       | bits 1-0
     * 0-31  | upper of 96-   | upper of 64-95 | upper of 32-63 | upper of 0-31
     * </pre>
     */
    private static void pack(int[] quants, MemorySegment target, long offset) {
        for (int half = 0; half < 2; half++) {
            long lower = offset + half * 64L;
            long upper = offset + UPPER_OFFSET + half * 32L;
            for (int i = 0; i < 8; i++) {
                int a = quants[half * 32 + i];
                int b = quants[half * 32 + 8 + i];
                int c = quants[half * 32 + 16 + i];
                int d = quants[half * 32 + 24 + i];
                target.set(Lanes.FOUR_BYTES, lower + i * 4L, (a & LOWER) | (c & LOWER) << 4);
                target.set(Lanes.FOUR_BYTES, lower + 32 + i * 4L, (b & LOWER) | (d & LOWER) << 4);
                int ab = (a >> 4 & UPPER) | (b >> 4 & UPPER) << 2;
                int cd = (c >> 4 & UPPER) | (d >> 4 & UPPER) << 2;
                target.set(Lanes.FOUR_BYTES, upper + i * 4L, ab | cd << 4);
            }
        }
    }
}
