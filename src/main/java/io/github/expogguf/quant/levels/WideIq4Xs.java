package io.github.expogguf.quant.levels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * IQ4_XS: super-blocks of eight sub-blocks as in {@link WideIq4Nl}, whose scales have 6 bits (block_iq4_xs of
 * ggml-common.h, quantize_iq4_xs of ggml-quants.c, ggml 0.25.1).
 *
 * <pre>
 * bytes | meaning
 * 0-1   | d, half, scale of the scales
 * 2-3   | upper 2 bits of the scales
 * 4-7   | lower 4 bits of the scales
 * 8-135 | places of the levels
 * </pre>
 */
public final class WideIq4Xs implements BlockQuantizer {

    private static final int SUB_BLOCK = NonlinearSearch.LENGTH;
    private static final int SUB_BLOCKS = SUPER_BLOCK / SUB_BLOCK;
    private static final int GROUP_SIZE = Lanes.COLUMNS / SUB_BLOCKS;
    private static final int BLOCK_BYTES = GgmlType.IQ4_XS.blockBytes();
    private static final int LOWER_OFFSET = 4;
    private static final int QUANTS_OFFSET = 8;
    private static final int MOST_SCALE = 32;

    private final NonlinearSearch search = new NonlinearSearch();
    private final boolean hasImportance;

    public WideIq4Xs(boolean hasImportance) {
        this.hasImportance = hasImportance;
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
        search.load(source, sourceOffset, count * SUB_BLOCKS);
        if (hasImportance) {
            sumSquares(source, sourceOffset, count);
            search.weigh(importance, count * SUB_BLOCKS);
        } else {
            search.weighBySquares();
        }
        search.run();
        for (int i = 0; i < count; i++) {
            long offset = sourceOffset + (long) i * SUPER_BLOCK * Float.BYTES;
            if (!finish(source, offset, i * SUB_BLOCKS, target, targetOffset + (long) i * BLOCK_BYTES)) {
                return false;
            }
        }
        return true;
    }

    /** The sum runs over the whole super-block in one chain of additions; two chains keep the core busier than one. */
    private void sumSquares(MemorySegment source, long sourceOffset, int count) {
        long other = (count - 1) * (long) SUPER_BLOCK * Float.BYTES;
        float first = 0;
        float second = 0;
        for (int i = 0; i < SUPER_BLOCK; i++) {
            float x = source.get(JAVA_FLOAT_UNALIGNED, sourceOffset + (long) i * Float.BYTES);
            float y = source.get(JAVA_FLOAT_UNALIGNED, sourceOffset + other + (long) i * Float.BYTES);
            first += x * x;
            second += y * y;
        }
        for (int j = 0; j < SUB_BLOCKS; j++) {
            search.variance[j] = first * (2f / SUPER_BLOCK);
            search.variance[SUB_BLOCKS + j] = second * (2f / SUPER_BLOCK);
        }
    }

    /** Quantizes the scales that were found, and the values with what remains of them. */
    private boolean finish(
            MemorySegment source, long sourceOffset, int column, MemorySegment target, long targetOffset) {
        float maxScale = 0;
        for (int j = column; j < column + SUB_BLOCKS; j++) {
            float scale = search.scale[j];
            if (!Float.isFinite(scale)) {
                return false;
            }
            maxScale = Math.abs(scale) > Math.abs(maxScale) ? scale : maxScale;
        }
        float d = -maxScale / MOST_SCALE;
        float inverse = d != 0 ? 1 / d : 0;
        short half = Float.floatToFloat16(d);
        if (!Lanes.isFiniteHalf(half) || !Float.isFinite(inverse)) {
            return false;
        }
        int lower = 0;
        int upper = 0;
        for (int j = 0; j < SUB_BLOCKS; j++) {
            int subScale = Lanes.nearestInt(inverse * search.scale[column + j]);
            subScale = Math.clamp(subScale, -MOST_SCALE, MOST_SCALE - 1);
            float scale = d * subScale;
            float factor = scale != 0 ? 1 / scale : 0;
            long start = sourceOffset + (long) j * SUB_BLOCK * Float.BYTES;
            long quants = targetOffset + QUANTS_OFFSET + (long) j * SUB_BLOCK / 2;
            NonlinearLevels.pack(source, start, factor, target, quants);
            int bits = subScale + MOST_SCALE;
            lower |= (bits & 15) << (4 * j);
            upper |= bits >> 4 << (2 * j);
        }
        target.set(Lanes.HALF, targetOffset, half);
        target.set(Lanes.HALF, targetOffset + Short.BYTES, (short) upper);
        for (int i = 0; i < Integer.BYTES; i++) {
            target.set(JAVA_BYTE, targetOffset + LOWER_OFFSET + i, (byte) (lower >> (8 * i)));
        }
        return true;
    }
}
