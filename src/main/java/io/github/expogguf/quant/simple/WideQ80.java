package io.github.expogguf.quant.simple;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Q8_0: blocks of 32 values with quants of 8 bits behind a half, the scale (block_q8_0 of ggml-common.h,
 * quantize_row_q8_0_ref of ggml-quants.c, ggml 0.25.1, which takes no notice of importance).
 */
public final class WideQ80 implements BlockQuantizer {

    private static final int BLOCK = 32;
    private static final int GROUP_SIZE = 128;
    private static final int BLOCK_BYTES = GgmlType.Q8_0.blockBytes();
    private static final int SIGN = 0x8000_0000;

    /**
     * The bits of the largest float below 0.5. Added before the fraction is cut off it rounds as {@code roundf} does,
     * halves away from 0; 0.5 itself would round up the float below 0.5.
     */
    private static final int ALMOST_HALF = 0x3eff_ffff;

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
            long offset = targetOffset + (long) i * BLOCK_BYTES;
            if (!quantize(source, sourceOffset + (long) i * BLOCK * Float.BYTES, target, offset)) {
                return false;
            }
        }
        return true;
    }

    private static boolean quantize(MemorySegment source, long sourceOffset, MemorySegment target, long targetOffset) {
        IntVector magnitude = IntVector.zero(INTS); // of positive floats the bits rise with the number
        for (int i = 0; i < BLOCK; i += LANES) {
            IntVector bits =
                    Lanes.load(source, sourceOffset + (long) i * Float.BYTES).reinterpretAsInts();
            magnitude = magnitude.max(bits.and(~SIGN));
        }
        float d = Float.intBitsToFloat(magnitude.reduceLanes(MAX)) / 127;
        float factor = d != 0 ? 1 / d : 0;
        if (factor == Float.POSITIVE_INFINITY) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset, Float.floatToFloat16(d));
        for (int i = 0; i < BLOCK; i += LANES) {
            FloatVector x =
                    Lanes.load(source, sourceOffset + (long) i * Float.BYTES).mul(factor);
            FloatVector half = x.reinterpretAsInts().and(SIGN).or(ALMOST_HALF).reinterpretAsFloats();
            IntVector rounded = (IntVector) x.add(half).convert(F2I, 0);
            Lanes.storeBytes(rounded, target, targetOffset + Short.BYTES + i);
        }
        return true;
    }
}
