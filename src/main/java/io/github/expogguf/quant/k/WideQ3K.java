package io.github.expogguf.quant.k;

import static io.github.expogguf.quant.lanes.Lanes.COLUMNS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.ColumnQuants;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * Q3_K: sixteen sub-blocks of 16 values with quants of 3 bits and scales of 6 (block_q3_K of ggml-common.h, ggml
 * 0.25.1). Importance changes how the scales are found, and not what follows.
 *
 * <pre>
 * bytes   | meaning
 * 0-31    | upper bit of the quants
 * 32-95   | lower 2 bits of the quants
 * 96-107  | scales
 * 108-109 | d, half, scale of the scales
 * </pre>
 */
abstract class WideQ3K implements BlockQuantizer {

    static final int SUB_BLOCK = 16;
    static final int SUB_BLOCKS = SUPER_BLOCK / SUB_BLOCK;
    static final int MOST = 4;
    static final int MOST_SCALE = 32;
    static final int BLOCK_BYTES = GgmlType.Q3_K.blockBytes();

    private static final int LOWER_OFFSET = SUPER_BLOCK / 8;
    private static final int SCALES_OFFSET = LOWER_OFFSET + SUPER_BLOCK / 4;
    private static final long LOWER = 0x0303_0303_0303_0303L; // of each of eight bytes
    private static final long UPPER = 0x0101_0101_0101_0101L;
    private static final int D_OFFSET = SCALES_OFFSET + 12;

    /** The scales of the current super-block, from 0 to 63. */
    final int[] scales = new int[SUB_BLOCKS];

    private final ColumnQuants quants = new ColumnQuants(SUB_BLOCK, -MOST, MOST - 1);

    /** The quant, from 0 to 7, that the search found for a value of a sub-block of one of the group's super-blocks. */
    abstract int found(int superBlock, int j, int i, float value);

    /** Quantizes the values, which stand in columns, with what remains of {@link #scales}, and packs all. */
    final boolean finish(float[] values, int superBlock, short d, MemorySegment target, long targetOffset) {
        if (!Lanes.isFiniteHalf(d)) {
            return false;
        }
        target.set(Lanes.HALF, targetOffset + D_OFFSET, d);
        packScales(target, targetOffset + SCALES_OFFSET);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            quants.scale[j] = Float.float16ToFloat(d) * (scales[j] - MOST_SCALE);
        }
        quants.divide(values);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            for (int i = 0; i < SUB_BLOCK && quants.scale[j] == 0; i++) {
                // then the quants of the search stay, for no value depends on them
                quants.set(j, i, found(superBlock, j, i, values[i * COLUMNS + j]));
            }
        }
        for (int row = 0; row < SUB_BLOCK / Integer.BYTES; row++) {
            pack(row, target, targetOffset + (long) row * Integer.BYTES);
        }
        return true;
    }

    /**
     * <pre>
     * byte  | bits 7-4         | bits 3-0
     * 0-7   | scale 8-15, 3-0  | scale 0-7, 3-0
     * byte  | bits 7-6         | bits 5-4        | bits 3-2       | bits 1-0
     * 8-11  | scale 12-15, 5-4 | scale 8-11, 5-4 | scale 4-7, 5-4 | scale 0-3, 5-4
     * </pre>
     */
    private void packScales(MemorySegment target, long offset) {
        for (int j = 0; j < 8; j++) {
            target.set(JAVA_BYTE, offset + j, (byte) ((scales[j] & 15) | scales[j + 8] << 4));
        }
        for (int j = 0; j < 4; j++) {
            int bits = scales[j] >> 4 | scales[j + 4] >> 4 << 2 | scales[j + 8] >> 4 << 4 | scales[j + 12] >> 4 << 6;
            target.set(JAVA_BYTE, offset + 8 + j, (byte) bits);
        }
    }

    /**
     * Packs four quants of every sub-block; two sub-blocks at once, whose quants are 16 bytes apart. Bit j of upper
     * byte i belongs to quant 32 * j + i; the lower bytes are those of {@link TwoBits}.
     */
    private void pack(int row, MemorySegment target, long offset) {
        long upper = 0;
        for (int half = 0; half < 2; half++) {
            long lower = 0;
            for (int i = 0; i < 4; i++) {
                long pair = quants.pair(row, half * 8 + i * 2);
                lower |= (pair & LOWER) << (i * 2);
                upper |= (pair >>> 2 & UPPER) << (half * 4 + i);
            }
            store(lower, target, offset + LOWER_OFFSET + half * 32);
        }
        store(upper, target, offset);
    }

    private static void store(long pair, MemorySegment target, long offset) {
        target.set(Lanes.FOUR_BYTES, offset, (int) pair);
        target.set(Lanes.FOUR_BYTES, offset + SUB_BLOCK, (int) (pair >>> Integer.SIZE));
    }
}
