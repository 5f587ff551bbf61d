package io.github.expogguf.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Q3_K without importance (quantize_row_q3_K_ref of ggml-quants.c, ggml 0.23.0). */
final class PlainQ3K extends WideQ3K {

    private final RoundSearch search = new RoundSearch(SUB_BLOCK, MOST);

    @Override
    public int groupSize() {
        return RoundSearch.GROUPS;
    }

    @Override
    public boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        long sourceBytes = (long) SUPER_BLOCK * Float.BYTES;
        for (int i = 0; i < count; i++) { // columns of a super-block that is not there keep what they had
            search.load(i, source, sourceOffset + i * sourceBytes);
        }
        search.run();
        for (int i = 0; i < count; i++) {
            short d = quantizeScales(i);
            long blockOffset = targetOffset + (long) i * BLOCK_BYTES;
            if (!finish(source, sourceOffset + i * sourceBytes, i, d, target, blockOffset)) {
                return false;
            }
        }
        return true;
    }

    private short quantizeScales(int superBlock) {
        float maxScale = 0;
        for (int j = 0; j < SUB_BLOCKS; j++) {
            float scale = search.scale(superBlock, j);
            maxScale = Math.abs(scale) > Math.abs(maxScale) ? scale : maxScale;
        }
        if (maxScale == 0) {
            Arrays.fill(scales, 0);
            return 0;
        }
        float inverseScale = -MOST_SCALE / maxScale;
        for (int j = 0; j < SUB_BLOCKS; j++) {
            byte scale = (byte) Lanes.nearestInt(inverseScale * search.scale(superBlock, j)); // cut in ggml, too
            scales[j] = MOST_SCALE + Math.clamp(scale, -MOST_SCALE, MOST_SCALE - 1);
        }
        return Float.floatToFloat16(1 / inverseScale);
    }

    @Override
    int found(int superBlock, int j, int i, float value) {
        return search.quant(superBlock, j, i);
    }
}
