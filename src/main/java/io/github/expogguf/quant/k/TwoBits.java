package io.github.expogguf.quant.k;

import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/** The lower two bits of the quants of Q2_K and Q3_K. */
final class TwoBits {

    private static final int MASK = 0x0303_0303;

    private TwoBits() {}

    /**
     * Packs a super-block, whose quants are bytes of the ints. Of 128 quants, with numbers from 0:
     *
     * <pre>
     * byte  | bits 7-6   | bits 5-4  | bits 3-2  | bits 1-0
     * 0-31  | 96-127     | 64-95     | 32-63     | 0-31
     * </pre>
     */
    static void pack(int[] quants, MemorySegment target, long offset) {
        for (int half = 0; half < quants.length; half += 32) {
            for (int i = half; i < half + 8; i++) {
                int ab = (quants[i] & MASK) | (quants[i + 8] & MASK) << 2;
                int cd = (quants[i + 16] & MASK) | (quants[i + 24] & MASK) << 2;
                target.set(Lanes.FOUR_BYTES, offset + i * 4L - half * 3L, ab | cd << 4);
            }
        }
    }
}
