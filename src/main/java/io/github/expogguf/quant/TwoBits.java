package io.github.expogguf.quant;

import static io.github.expogguf.quant.Lanes.INTS;
import static io.github.expogguf.quant.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/** The lower two bits of the quants of Q2_K and Q3_K. */
final class TwoBits {

    private static final int MASK = 3;

    private TwoBits() {}

    /**
     * Packs a super-block. Of 128 quants, with numbers from 0:
     *
     * <pre>
     * byte  | bits 7-6   | bits 5-4  | bits 3-2  | bits 1-0
     * 0-31  | 96-127     | 64-95     | 32-63     | 0-31
     * </pre>
     */
    static void pack(int[] quants, MemorySegment target, long offset) {
        for (int half = 0; half < BlockQuantizer.SUPER_BLOCK; half += 128) {
            for (int i = 0; i < 32; i += LANES) {
                IntVector a = IntVector.fromArray(INTS, quants, half + i).and(MASK);
                IntVector b = IntVector.fromArray(INTS, quants, half + 32 + i).and(MASK);
                IntVector c = IntVector.fromArray(INTS, quants, half + 64 + i).and(MASK);
                IntVector d = IntVector.fromArray(INTS, quants, half + 96 + i).and(MASK);
                IntVector ab = a.or(b.lanewise(LSHL, 2));
                IntVector cd = c.or(d.lanewise(LSHL, 2));
                Lanes.storeBytes(ab.or(cd.lanewise(LSHL, 4)), target, offset + half / 4 + i);
            }
        }
    }
}
