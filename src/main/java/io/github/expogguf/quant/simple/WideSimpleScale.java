package io.github.expogguf.quant.simple;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static io.github.expogguf.quant.simple.SimpleBlock.LENGTH;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/** Q4_0 and Q5_0 without importance (quantize_row_q4_0_ref, quantize_row_q5_0_ref of ggml-quants.c, ggml 0.25.1). */
public final class WideSimpleScale implements BlockQuantizer {

    private static final int GROUP_SIZE = 128;
    private static final int MAGNITUDE = 0x7fff_ffff;

    private final SimpleBlock block;
    private final int middle;

    public WideSimpleScale(GgmlType type) {
        this.block = new SimpleBlock(type);
        this.middle = (block.most + 1) / 2;
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
            long start = sourceOffset + (long) i * LENGTH * Float.BYTES;
            if (!quantize(source, start, target, targetOffset + (long) i * block.bytes)) {
                return false;
            }
        }
        return true;
    }

    private boolean quantize(MemorySegment source, long sourceOffset, MemorySegment target, long targetOffset) {
        float d = largest(source, sourceOffset) / -middle;
        float factor = d != 0 ? 1 / d : 0;
        short half = Float.floatToFloat16(d);
        if (!Lanes.isFiniteHalf(half) || !Float.isFinite(factor)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset, half);
        block.quantize(source, sourceOffset, 0, factor, middle + 0.5f, target, targetOffset);
        return true;
    }

    /** The first of the values with the largest magnitude; 0 where all are 0. */
    private static float largest(MemorySegment source, long offset) {
        IntVector most = IntVector.zero(INTS); // of positive floats the bits rise with the number
        for (int i = 0; i < LENGTH; i += LANES) {
            most = most.max(magnitudes(source, offset, i));
        }
        int magnitude = most.reduceLanes(MAX);
        if (magnitude == 0) {
            return 0;
        }
        long places = 0;
        for (int i = 0; i < LENGTH; i += LANES) {
            places |= magnitudes(source, offset, i).compare(EQ, magnitude).toLong() << i;
        }
        return source.get(JAVA_FLOAT_UNALIGNED, offset + (long) Long.numberOfTrailingZeros(places) * Float.BYTES);
    }

    private static IntVector magnitudes(MemorySegment source, long offset, int i) {
        return Lanes.load(source, offset + (long) i * Float.BYTES)
                .reinterpretAsInts()
                .and(MAGNITUDE);
    }
}
