package io.github.expogguf.quant.simple;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.ScaleSearch;
import java.lang.foreign.MemorySegment;

/** Q4_0 and Q5_0 with importance. */
final class WeighedSimpleScale implements WeighedSimpleSearch {

    private final SimpleBlock block;
    private final int middle;
    private final ScaleSearch search;

    WeighedSimpleScale(GgmlType type) {
        this.block = new SimpleBlock(type);
        this.middle = type == GgmlType.Q4_0 ? 8 : 16;
        this.search = new ScaleSearch(SimpleBlock.LENGTH, middle);
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
        search.run();
        return true;
    }

    @Override
    public boolean write(int column, MemorySegment source, long offset, MemorySegment target, long targetOffset) {
        short d = Float.floatToFloat16(search.scale[column]);
        if (!Lanes.isFiniteHalf(d)) {
            return false;
        }
        if (search.magnitude[column] < ScaleSearch.LEAST_MAGNITUDE) {
            target.asSlice(targetOffset, block.bytes).fill((byte) 0); // also the quants, which stand for -middle
            return true;
        }
        target.set(Lanes.HALF, targetOffset, d);
        block.round(source, offset, 0, search.quantScale[column], middle, target, targetOffset);
        return true;
    }
}
