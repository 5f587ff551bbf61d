package io.github.expogguf.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Q3_K without importance (quantize_row_q3_K_ref of ggml-quants.c, ggml 0.23.0). */
final class PlainQ3K extends WideQ3K {

    private final RoundSearch search = new RoundSearch(SUB_BLOCK, MOST);

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
        search.run();
        return finish(search.values, 0, quantizeScales(), target, targetOffset);
    }

    private short quantizeScales() {
        float maxScale = 0;
        for (float scale : search.scale) {
            maxScale = Math.abs(scale) > Math.abs(maxScale) ? scale : maxScale;
        }
        if (maxScale == 0) {
            Arrays.fill(scales, 0);
            return 0;
        }
        float inverseScale = -MOST_SCALE / maxScale;
        for (int j = 0; j < SUB_BLOCKS; j++) {
            byte scale = (byte) Lanes.nearestInt(inverseScale * search.scale[j]); // cut in ggml, too
            scales[j] = MOST_SCALE + Math.clamp(scale, -MOST_SCALE, MOST_SCALE - 1);
        }
        return Float.floatToFloat16(1 / inverseScale);
    }

    @Override
    int found(int superBlock, int j, int i, float value) {
        return search.quant(j, i);
    }
}
