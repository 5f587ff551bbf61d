package io.github.expogguf.quant;

import static io.github.expogguf.quant.Lanes.FLOATS;
import static io.github.expogguf.quant.Lanes.LANES;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Q6_K: sixteen sub-blocks of 16 values with quants of 6 bits and scales of 8 (block_q6_K of ggml-common.h,
 * quantize_row_q6_K_ref and quantize_row_q6_K_impl of ggml-quants.c, ggml 0.23.0).
 *
 * <pre>
 * bytes   | meaning
 * 0-127   | lower 4 bits of the quants
 * 128-191 | upper 2 bits of the quants
 * 192-207 | scales, signed
 * 208-209 | d, half, scale of the scales
 * </pre>
 */
final class WideQ6K implements BlockQuantizer {

    private static final int SUB_BLOCK = 16;
    private static final int SUB_BLOCKS = SUPER_BLOCK / SUB_BLOCK;
    private static final int MOST = 32;
    private static final int UPPER_OFFSET = SUPER_BLOCK / 2;
    private static final int SCALES_OFFSET = UPPER_OFFSET + SUPER_BLOCK / 4;
    private static final int D_OFFSET = SCALES_OFFSET + SUB_BLOCKS;

    // of each of eight bytes: bits 0-3, bits 0-1
    private static final long LOWER = 0x0f0f_0f0f_0f0f_0f0fL;
    private static final long UPPER = 0x0303_0303_0303_0303L;

    private final ScaleSearch search = new ScaleSearch(SUB_BLOCK, MOST);
    private final int[] quants = new int[SUPER_BLOCK];
    private final byte[] quantBytes = new byte[SUPER_BLOCK];
    private final boolean hasImportance;

    WideQ6K(boolean hasImportance) {
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
            float scale = roundedD * subScale;
            long offset = sourceOffset + (long) j * SUB_BLOCK * Float.BYTES;
            if (scale != 0) {
                divide(source, offset, scale, j * SUB_BLOCK);
            } else { // then the quants of the search stay, for no value depends on them
                keep(source, offset, j);
            }
        }
        Lanes.narrow(quants, quantBytes);
        pack(target, targetOffset);
        return true;
    }

    private void divide(MemorySegment source, long offset, float scale, int first) {
        FloatVector divisor = FloatVector.broadcast(FLOATS, scale);
        for (int i = 0; i < SUB_BLOCK; i += LANES) {
            FloatVector x = Lanes.load(source, offset + (long) i * Float.BYTES);
            Lanes.nearestInt(x.div(divisor), -MOST, MOST - 1).add(MOST).intoArray(quants, first + i);
        }
    }

    private void keep(MemorySegment source, long offset, int j) {
        if (search.magnitude[j] < ScaleSearch.LEAST_MAGNITUDE) {
            Arrays.fill(quants, j * SUB_BLOCK, (j + 1) * SUB_BLOCK, 0);
            return;
        }
        for (int i = 0; i < SUB_BLOCK; i += LANES) {
            FloatVector products = Lanes.load(source, offset + (long) i * Float.BYTES).mul(search.quantScale[j]);
            Lanes.nearestInt(products, -MOST, MOST - 1).add(MOST).intoArray(quants, j * SUB_BLOCK + i);
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
    private void pack(MemorySegment target, long offset) {
        byte[] quants = this.quantBytes;
        for (int half = 0; half < 2; half++) {
            long lower = offset + half * 64L;
            long upper = offset + UPPER_OFFSET + half * 32L;
            for (int i = 0; i < 32; i += Long.BYTES) {
                int first = half * 128 + i;
                long a = Lanes.eight(quants, first);
                long b = Lanes.eight(quants, first + 32);
                long c = Lanes.eight(quants, first + 64);
                long d = Lanes.eight(quants, first + 96);
                target.set(Lanes.EIGHT_BYTES, lower + i, a & LOWER | (c & LOWER) << 4);
                target.set(Lanes.EIGHT_BYTES, lower + 32 + i, b & LOWER | (d & LOWER) << 4);
                long ab = a >> 4 & UPPER | (b >> 4 & UPPER) << 2;
                long cd = c >> 4 & UPPER | (d >> 4 & UPPER) << 2;
                target.set(Lanes.EIGHT_BYTES, upper + i, ab | cd << 4);
            }
        }
    }
}
