package io.github.expogguf.quant.unpack;

import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * Q2_K and Q6_K, in the order of operations of {@code dequantize_row_q2_K} and {@code dequantize_row_q6_K}
 * (ggml-quants.c, ggml 0.25.1). A byte of a half of a super-block holds quants that are 32 floats apart; a scale is for
 * 16 floats.
 */
public final class WideUnpackK {

    private static final int SUB_BLOCK = 16;

    private WideUnpackK() {}

    // block_q2_K, 84 bytes: 16 of scale (low nibble) and minimum (high) | 64 of quants, 2 bits | half d | half dmin
    public static void q2K(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            superBlockQ2(packed, block * 84, target, targetOffset + block * 1024L);
        }
    }

    private static void superBlockQ2(byte[] packed, int start, MemorySegment target, long targetOffset) {
        float d = Unpacking.half(packed, start + 80);
        float min = Unpacking.half(packed, start + 82);
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i += LANES) {
                IntVector quants = Unpacking.bytes(packed, start + 16 + half * 32 + i);
                int scales = start + half * 8 + i / SUB_BLOCK;
                long offset = targetOffset + half * 512 + (long) i * Float.BYTES;
                storeQ2(quants.and(3), packed[scales], d, min, target, offset);
                storeQ2(quants.lanewise(LSHR, 2).and(3), packed[scales + 2], d, min, target, offset + 128);
                storeQ2(quants.lanewise(LSHR, 4).and(3), packed[scales + 4], d, min, target, offset + 256);
                storeQ2(quants.lanewise(LSHR, 6), packed[scales + 6], d, min, target, offset + 384);
            }
        }
    }

    private static void storeQ2(
            IntVector quants, byte scaleAndMin, float d, float min, MemorySegment target, long offset) {
        float scale = d * (scaleAndMin & 0xf);
        float minimum = min * (scaleAndMin >> 4 & 0xf);
        Unpacking.store(Unpacking.floats(quants).mul(scale).sub(minimum), target, offset);
    }

    // block_q6_K, 210 bytes: 128 of lower 4 bits | 64 of upper 2 bits | 16 scales, signed | half d
    public static void q6K(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            superBlockQ6(packed, block * 210, target, targetOffset + block * 1024L);
        }
    }

    private static void superBlockQ6(byte[] packed, int start, MemorySegment target, long targetOffset) {
        float d = Unpacking.half(packed, start + 208);
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i += LANES) {
                IntVector low0 = Unpacking.bytes(packed, start + half * 64 + i);
                IntVector low1 = Unpacking.bytes(packed, start + half * 64 + 32 + i);
                IntVector high = Unpacking.bytes(packed, start + 128 + half * 32 + i);
                IntVector quants0 = low0.and(0xf).or(high.and(0x03).lanewise(LSHL, 4));
                IntVector quants1 = low1.and(0xf).or(high.and(0x0c).lanewise(LSHL, 2));
                IntVector quants2 = low0.lanewise(LSHR, 4).or(high.and(0x30));
                IntVector quants3 = low1.lanewise(LSHR, 4).or(high.and(0xc0).lanewise(LSHR, 2));
                int scales = start + 192 + half * 8 + i / SUB_BLOCK;
                long offset = targetOffset + half * 512 + (long) i * Float.BYTES;
                storeQ6(quants0, d * packed[scales], target, offset);
                storeQ6(quants1, d * packed[scales + 2], target, offset + 128);
                storeQ6(quants2, d * packed[scales + 4], target, offset + 256);
                storeQ6(quants3, d * packed[scales + 6], target, offset + 384);
            }
        }
    }

    private static void storeQ6(IntVector quants, float scale, MemorySegment target, long offset) {
        Unpacking.store(Unpacking.floats(quants.sub(32)).mul(scale), target, offset);
    }
}
