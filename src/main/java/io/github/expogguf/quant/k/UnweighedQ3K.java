package io.github.expogguf.quant.k;

import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.RoundSearch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Q3_K without importance (quantize_row_q3_K_ref of ggml-quants.c, ggml 0.25.1). */
public final class UnweighedQ3K extends WideQ3K {

    private static final int GROUP_SIZE = 2;

    private final RoundSearch[] searches = new RoundSearch[GROUP_SIZE];
    private final RoundSearch[] firstSearch;

    public UnweighedQ3K() {
        Arrays.setAll(searches, _ -> new RoundSearch(SUB_BLOCK, MOST));
        firstSearch = Arrays.copyOf(searches, 1);
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
        for (int i = 0; i < count; i++) {
            long offset = sourceOffset + (long) i * SUPER_BLOCK * Float.BYTES;
            Lanes.transpose(source, offset, SUB_BLOCK, SUB_BLOCKS, searches[i].values, 0);
        }
        RoundSearch.run(count == 1 ? firstSearch : searches);
        for (int i = 0; i < count; i++) {
            RoundSearch search = searches[i];
            short d = quantizeScales(search);
            if (!finish(search.values, i, d, target, targetOffset + (long) i * BLOCK_BYTES)) {
                return false;
            }
        }
        return true;
    }

    private short quantizeScales(RoundSearch search) {
        float maxScale = search.scale[Lanes.indexOfLargest(search.scale)];
        if (maxScale == 0) {
            Arrays.fill(scales, 0);
            return 0;
        }
        float inverseScale = -MOST_SCALE / maxScale;
        for (int j = 0; j < SUB_BLOCKS; j++) {
            byte scale = (byte) Lanes.nearestInt(inverseScale * search.scale[j]); // cut in ggml, too
            scales[j] = MOST_SCALE + Math.max(-MOST_SCALE, Math.min(MOST_SCALE - 1, scale));
        }
        return Float.floatToFloat16(1 / inverseScale);
    }

    @Override
    int found(int superBlock, int j, int i, float value) {
        return searches[superBlock].quant(j, i);
    }
}
