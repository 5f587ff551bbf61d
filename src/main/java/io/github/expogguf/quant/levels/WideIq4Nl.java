package io.github.expogguf.quant.levels;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * IQ4_NL: blocks of 32 values on sixteen levels that are not evenly spaced, behind a half, the scale (block_iq4_nl of
 * ggml-common.h, quantize_iq4_nl of ggml-quants.c, ggml 0.25.1).
 */
public final class WideIq4Nl implements BlockQuantizer {

    private static final int BLOCK_BYTES = GgmlType.IQ4_NL.blockBytes();

    private final NonlinearSearch search = new NonlinearSearch();
    private final boolean hasImportance;

    public WideIq4Nl(boolean hasImportance) {
        this.hasImportance = hasImportance;
    }

    @Override
    public int groupSize() {
        return Lanes.COLUMNS;
    }

    @Override
    public boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        search.load(source, sourceOffset, count);
        if (hasImportance) {
            search.sumSquares();
            for (int i = 0; i < Lanes.COLUMNS; i++) {
                search.variance[i] *= 2f / NonlinearSearch.LENGTH;
            }
            search.weigh(importance, count);
        } else {
            search.weighBySquares();
        }
        search.run();
        for (int i = 0; i < count; i++) {
            float scale = search.scale[i];
            float factor = scale != 0 ? 1 / scale : 0;
            short d = Float.floatToFloat16(scale);
            if (!Lanes.isFiniteHalf(d) || !Float.isFinite(factor)) {
                return false;
            }
            long offset = targetOffset + (long) i * BLOCK_BYTES;
            target.set(Lanes.HALF, offset, d);
            long block = sourceOffset + (long) i * NonlinearSearch.LENGTH * Float.BYTES;
            NonlinearLevels.pack(source, block, factor, target, offset + Short.BYTES);
        }
        return true;
    }
}
