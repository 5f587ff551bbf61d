package io.github.expogguf.quant.k;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;

import io.github.expogguf.quant.lanes.ColumnWeights;
import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.ScaleSearch;
import java.lang.foreign.MemorySegment;

/**
 * Q3_K with importance (quantize_row_q3_K_impl of ggml-quants.c, ggml 0.25.1). The scales of the sub-blocks are
 * quantized by the same search as the values, for which sixteen super-blocks stand side by side.
 */
public final class WeighedQ3K extends WideQ3K {

    private final ScaleSearch search = new ScaleSearch(SUB_BLOCK, MOST);
    private final ScaleSearch scaleSearch = new ScaleSearch(SUB_BLOCKS, MOST_SCALE);
    private final float[] squares = new float[COLUMNS];
    private final float[] quantScale = new float[COLUMNS * SUB_BLOCKS]; // [super-block][sub-block]
    private final float[] magnitude = new float[COLUMNS * SUB_BLOCKS];

    @Override
    public int groupSize() {
        return COLUMNS;
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
        for (int i = 0; i < count; i++) { // columns of super-blocks that are not there keep what they had
            search(source, sourceOffset + i * sourceBytes, importance, i * sourceBytes, i);
        }
        scaleSearch.run();
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < SUB_BLOCKS; j++) {
                scales[j] = ScaleSearch.quant(
                        scaleSearch.values[j * COLUMNS + i],
                        scaleSearch.quantScale[i],
                        scaleSearch.magnitude[i],
                        MOST_SCALE);
            }
            short d = Float.floatToFloat16(scaleSearch.scale[i]);
            long blockOffset = targetOffset + (long) i * BLOCK_BYTES;
            Lanes.transpose(source, sourceOffset + i * sourceBytes, SUB_BLOCK, SUB_BLOCKS, search.values, 0);
            if (!finish(search.values, i, d, target, blockOffset)) {
                return false;
            }
        }
        return true;
    }

    /** Looks for the scales of a super-block. */
    private void search(
            MemorySegment source, long sourceOffset, MemorySegment importance, long offset, int superBlock) {
        Lanes.transpose(source, sourceOffset, SUB_BLOCK, SUB_BLOCKS, search.values, 0);
        Lanes.transpose(importance, offset, SUB_BLOCK, SUB_BLOCKS, search.weights, 0);
        ColumnWeights.meanSquare(source, sourceOffset, 2, squares, 0, SUB_BLOCKS);
        ColumnWeights.importance(search.values, squares, search.weights);
        search.run();
        for (int j = 0; j < SUB_BLOCKS; j++) {
            scaleSearch.values[j * COLUMNS + superBlock] = search.scale[j];
            scaleSearch.weights[j * COLUMNS + superBlock] = 0;
        }
        for (int i = 0; i < SUB_BLOCK; i++) {
            for (int j = 0; j < SUB_BLOCKS; j++) {
                scaleSearch.weights[j * COLUMNS + superBlock] += search.weights[i * COLUMNS + j];
            }
        }
        System.arraycopy(search.quantScale, 0, quantScale, superBlock * SUB_BLOCKS, SUB_BLOCKS);
        System.arraycopy(search.magnitude, 0, magnitude, superBlock * SUB_BLOCKS, SUB_BLOCKS);
    }

    @Override
    int found(int superBlock, int j, int i, float value) {
        int column = superBlock * SUB_BLOCKS + j;
        return ScaleSearch.quant(value, quantScale[column], magnitude[column], MOST);
    }
}
