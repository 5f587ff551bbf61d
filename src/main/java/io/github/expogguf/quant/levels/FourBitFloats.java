package io.github.expogguf.quant.levels;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * The numbers of MXFP4 and NVFP4: 0, 1, 2, 3, 4, 6, 8 and 12, and from 8 on the same again with a minus ({@code
 * kvalues_mxfp4} of ggml-common.h, ggml 0.25.1, twice the values of E2M1).
 *
 * <p>{@code best_index_mxfp4} of ggml-quants.c looks for the nearest by computing all sixteen errors. The scales have
 * four bits at most, so that a scale times a level is exact, and so is the middle between two; the errors of the
 * levels on either side of a value are exact where they are close. Comparing the value with the middles is therefore
 * the same. The first of equals is the one nearer to 0.
 */
final class FourBitFloats {

    private static final float[] MIDDLES = {0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10};
    private static final int MAGNITUDE = 0x7fff_ffff;

    private FourBitFloats() {}

    /** The bits of the largest magnitude; of positive floats the bits rise with the number. */
    static int largest(MemorySegment values, long offset, int length) {
        IntVector most = IntVector.zero(INTS);
        for (int i = 0; i < length; i += LANES) {
            most = most.max(load(values, offset, i).and(MAGNITUDE));
        }
        return most.reduceLanes(MAX);
    }

    /**
     * Finds the numbers that values are nearest to.
     *
     * @param length of the values, a multiple of 16
     * @param scale  with no more than four significant bits; with an infinite one all are 0
     * @param index  of the first number in the target
     */
    static void encode(MemorySegment values, long offset, int length, float scale, int[] target, int index) {
        for (int i = 0; i < length; i += LANES) {
            IntVector bits = load(values, offset, i);
            IntVector magnitude = bits.and(MAGNITUDE);
            IntVector number = IntVector.zero(INTS);
            for (float middle : MIDDLES) {
                int limit = Float.floatToRawIntBits(middle * scale);
                number = number.add(
                        IntVector.broadcast(INTS, limit).sub(magnitude).lanewise(LSHR, 31));
            }
            IntVector isNotZero = number.neg().lanewise(ASHR, 31);
            IntVector sign = bits.lanewise(LSHR, 31).lanewise(LSHL, 3).and(isNotZero);
            number.or(sign).intoArray(target, index + i);
        }
    }

    private static IntVector load(MemorySegment values, long offset, int i) {
        return Lanes.load(values, offset + (long) i * Float.BYTES).reinterpretAsInts();
    }
}
