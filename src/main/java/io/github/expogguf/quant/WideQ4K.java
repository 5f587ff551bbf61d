package io.github.expogguf.quant;

import static io.github.expogguf.quant.Lanes.INTS;
import static io.github.expogguf.quant.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.expogguf.gguf.GgmlType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/** Q4_K: quants of 4 bits (block_q4_K of ggml-common.h, quantize_row_q4_K_ref of ggml-quants.c, ggml 0.23.0). */
final class WideQ4K extends WideScaleMin {

    WideQ4K() {
        super(GgmlType.Q4_K, 15, -1f, 0.1f, 20);
    }

    /** A byte holds a value of an even sub-block in its lower half, one of the next sub-block in its upper half. */
    @Override
    void pack(int[] quants, MemorySegment target, long offset) {
        for (int pair = 0; pair < SUPER_BLOCK; pair += 2 * SUB_BLOCK) {
            long bytes = offset + HEADER_BYTES + pair / 2;
            for (int i = 0; i < SUB_BLOCK; i += LANES) {
                IntVector lower = IntVector.fromArray(INTS, quants, pair + i);
                IntVector upper = IntVector.fromArray(INTS, quants, pair + SUB_BLOCK + i);
                Lanes.storeBytes(lower.or(upper.lanewise(LSHL, 4)), target, bytes + i);
            }
        }
    }
}
