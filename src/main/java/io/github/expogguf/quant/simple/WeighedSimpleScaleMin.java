package io.github.expogguf.quant.simple;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.k.ScaleMinSearch;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/** Q4_1 and Q5_1 with importance. */
final class WeighedSimpleScaleMin implements WeighedSimpleSearch {

    private final SimpleBlock block;
    private final ScaleMinSearch search;

    WeighedSimpleScaleMin(GgmlType type) {
        this.block = new SimpleBlock(type);
        this.search = new ScaleMinSearch(SimpleBlock.LENGTH, type == GgmlType.Q4_1 ? 15 : 31, -0.9f, 0.05f, 36, false);
    }

    @Override
    public float[] values() {
        return search.values;
    }

    @Override
    public float[] weights() {
        return search.weights;
    }

    @Override
    public boolean run() {
        return search.run();
    }

    @Override
    public boolean write(int column, MemorySegment source, long offset, MemorySegment target, long targetOffset) {
        short d = Float.floatToFloat16(search.scale[column]);
        short min = Float.floatToFloat16(search.min[column]);
        if (!Lanes.isFiniteHalf(d) || !Lanes.isFiniteHalf(min)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset, d);
        target.set(Lanes.HALF, targetOffset + Short.BYTES, min);
        block.round(source, offset, search.quantMin[column], search.quantScale[column], 0, target, targetOffset);
        return true;
    }
}
