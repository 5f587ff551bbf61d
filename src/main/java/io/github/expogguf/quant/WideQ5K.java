package io.github.expogguf.quant;

import static io.github.expogguf.quant.Lanes.INTS;
import static io.github.expogguf.quant.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/** Q5_K: quants of 5 bits (block_q5_K of ggml-common.h, quantize_row_q5_K_ref of ggml-quants.c, ggml 0.23.0). */
final class WideQ5K extends WideScaleMin {

    private static final int UPPER_BYTES = SUPER_BLOCK / 8;

    WideQ5K() {
        super(GgmlType.Q5_K, 31, -0.5f, 0.1f, 15);
    }

    /**
     * First the upper bits, bit j of byte i for value i of sub-block j; then the lower four, a value of an even
     * sub-block in the lower half of a byte, one of the next sub-block in its upper half.
     */
    @Override
    void pack(int[] quants, MemorySegment target, long offset) {
        for (int i = 0; i < SUB_BLOCK; i += LANES) {
            IntVector upperBits = IntVector.zero(INTS);
            long bytes = offset + HEADER_BYTES + UPPER_BYTES + i;
            for (int pair = 0; pair < SUPER_BLOCK; pair += 2 * SUB_BLOCK) {
                IntVector lower = IntVector.fromArray(INTS, quants, pair + i);
                IntVector upper = IntVector.fromArray(INTS, quants, pair + SUB_BLOCK + i);
                Lanes.storeBytes(lower.and(15).or(upper.lanewise(LSHL, 4)), target, bytes + pair / 2);
                IntVector bits = lower.lanewise(LSHR, 4).or(upper.lanewise(LSHR, 4).lanewise(LSHL, 1));
                upperBits = upperBits.or(bits.lanewise(LSHL, pair / SUB_BLOCK));
            }
            Lanes.storeBytes(upperBits, target, offset + HEADER_BYTES + i);
        }
    }
}
