package io.github.expogguf.quant.simple;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.k.ScaleMinSearch;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/** Q4_1 and Q5_1 with importance. */
final class WeighedSimpleScaleMin extends WeighedSimpleRow {

    private final ScaleMinSearch search;

    WeighedSimpleScaleMin(GgmlType type) {
        this(type, new ScaleMinSearch(SimpleBlock.LENGTH, type == GgmlType.Q4_1 ? 15 : 31, -0.9f, 0.05f, 36, false));
    }

    private WeighedSimpleScaleMin(GgmlType type, ScaleMinSearch search) {
        super(type, search.values, search.weights);
        this.search = search;
    }

    @Override
    boolean search() {
        return search.run();
    }

    @Override
    boolean write(int column, MemorySegment source, long offset, MemorySegment target, long targetOffset) {
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
