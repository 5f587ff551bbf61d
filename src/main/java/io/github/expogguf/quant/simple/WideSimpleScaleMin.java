package io.github.expogguf.quant.simple;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static io.github.expogguf.quant.simple.SimpleBlock.LENGTH;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/** Q4_1 and Q5_1 without importance (quantize_row_q4_1_ref, quantize_row_q5_1_ref of ggml-quants.c, ggml 0.25.1). */
public final class WideSimpleScaleMin implements BlockQuantizer {

    private static final int GROUP_SIZE = 128;
    private static final int MAGNITUDE = 0x7fff_ffff;

    private final SimpleBlock block;

    public WideSimpleScaleMin(GgmlType type) {
        this.block = new SimpleBlock(type);
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
        IntVector least = IntVector.broadcast(INTS, Integer.MAX_VALUE);
        IntVector most = IntVector.broadcast(INTS, Integer.MIN_VALUE);
        for (int i = 0; i < LENGTH; i += LANES) {
            IntVector bits =
                    Lanes.load(source, sourceOffset + (long) i * Float.BYTES).reinterpretAsInts();
            IntVector rising = bits.lanewise(ASHR, 31).and(MAGNITUDE).lanewise(XOR, bits);
            least = least.min(rising);
            most = most.max(rising);
        }
        float min = fromRising(least.reduceLanes(MIN));
        float max = fromRising(most.reduceLanes(MAX));
        if (min == 0) {
            min = firstZero(source, sourceOffset);
        }
        float d = (max - min) / block.most;
        float factor = d != 0 ? 1 / d : 0;
        short half = Float.floatToFloat16(d);
        short halfMin = Float.floatToFloat16(min);
        if (!Lanes.isFiniteHalf(half) || !Lanes.isFiniteHalf(halfMin) || !Float.isFinite(factor)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset, half);
        target.set(Lanes.HALF, targetOffset + Short.BYTES, halfMin);
        block.quantize(source, sourceOffset, min, factor, 0.5f, target, targetOffset);
        return true;
    }

    /** A float from an integer that rises with it. */
    private static float fromRising(int rising) {
        return Float.intBitsToFloat((rising >> 31 & MAGNITUDE) ^ rising);
    }

    /** To ggml 0 and -0 are the same and the first one counts, while {@code min}'s sign is stored. */
    private static float firstZero(MemorySegment source, long offset) {
        for (int i = 0; i < LENGTH; i++) {
            float x = source.get(JAVA_FLOAT_UNALIGNED, offset + (long) i * Float.BYTES);
            if (x == 0) {
                return x;
            }
        }
        throw new IllegalStateException("the minimum is 0 and no value is");
    }
}
