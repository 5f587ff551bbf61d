package io.github.expogguf.quant.unpack;

import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/** Q3_K, in the order of operations of {@code dequantize_row_q3_K} (ggml-quants.c, ggml 0.25.1). */
public final class WideUnpackQ3K {

    private WideUnpackQ3K() {}

    // block_q3_K, 110 bytes: 32 of upper bits | 64 of lower 2 bits | 12 of scales, 6 bits | half d
    public static void q3K(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            superBlock(packed, block * 110, target, targetOffset + block * 1024L);
        }
    }

    private static void superBlock(byte[] packed, int start, MemorySegment target, long targetOffset) {
        float d = Unpacking.half(packed, start + 108);
        // bytes 0 to 7 have the lower 4 bits of scales j (low nibble) and j + 8 (high nibble),
        // bytes 8 to 11 the upper 2 bits of scales j, j + 4, j + 8 and j + 12
        long low = Unpacking.eightBytes(packed, start + 96);
        int high = Unpacking.fourBytes(packed, start + 104);
        long scales = (low & 0x0f0f_0f0f_0f0f_0f0fL) | upperBits(high, high >>> 2);
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i += LANES) {
                IntVector upper = Unpacking.bytes(packed, start + i).lanewise(LSHR, 4 * half);
                IntVector lower = Unpacking.bytes(packed, start + 32 + half * 32 + i);
                long four = scales >>> (i / 16 * Byte.SIZE); // a scale is for 16 floats
                long offset = targetOffset + half * 512 + (long) i * Float.BYTES;
                store(lower.and(3).or(upper.and(1).lanewise(LSHL, 2)), d, four, target, offset);
                store(
                        lower.lanewise(LSHR, 2).and(3).or(upper.and(2).lanewise(LSHL, 1)),
                        d,
                        four >>> 16,
                        target,
                        offset + 128);
                store(lower.lanewise(LSHR, 4).and(3).or(upper.and(4)), d, four >>> 32, target, offset + 256);
                store(lower.lanewise(LSHR, 6).or(upper.and(8).lanewise(LSHR, 1)), d, four >>> 48, target, offset + 384);
            }
            scales = (low >>> 4 & 0x0f0f_0f0f_0f0f_0f0fL) | upperBits(high >>> 4, high >>> 6);
        }
    }

    /** Pairs of bits of four bytes and four more, moved to bits 4 and 5. */
    private static long upperBits(int first, int second) {
        return ((first & 0x0303_0303L) | (second & 0x0303_0303L) << 32) << 4;
    }

    private static void store(IntVector quants, float d, long scales, MemorySegment target, long offset) {
        float scale = d * ((int) (scales & 0xff) - 32);
        Unpacking.store(Unpacking.floats(quants.sub(4)).mul(scale), target, offset);
    }
}
