package io.github.expogguf.quant.simple;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.Lanes;
import io.github.expogguf.quant.lanes.ScaleSearch;
import java.lang.foreign.MemorySegment;

/** Q4_0 and Q5_0 with importance. */
final class WeighedSimpleScale extends WeighedSimpleRow {

    private final ScaleSearch search;
    private final int middle;

    WeighedSimpleScale(GgmlType type) {
        this(type, type == GgmlType.Q4_0 ? 8 : 16);
    }

    private WeighedSimpleScale(GgmlType type, int middle) {
        this(type, middle, new ScaleSearch(SimpleBlock.LENGTH, middle));
    }

    private WeighedSimpleScale(GgmlType type, int middle, ScaleSearch search) {
        super(type, search.values, search.weights);
        this.search = search;
        this.middle = middle;
    }

    @Override
    boolean search() {
        search.run();
        return true;
    }

    @Override
    boolean write(int column, MemorySegment source, long offset, MemorySegment target, long targetOffset) {
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
