package io.github.expogguf.quant.unpack;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * Q4_0, Q4_1, Q5_0 and Q5_1, in the order of operations of {@code dequantize_row_q4_0} and its kin (ggml-quants.c, ggml
 * 0.25.1). Of 16 bytes, byte i holds the lower 4 bits of quants i and i + 16; the fifth bits make a word.
 */
public final class WideUnpack32 {

    private static final int HALF = 16;
    private static final long BLOCK_FLOAT_BYTES = 32L * Float.BYTES;
    private static final long HALF_FLOAT_BYTES = (long) HALF * Float.BYTES;

    /** 0, 1, 2 and so on. */
    private static final IntVector INDEX = IntVector.zero(INTS).addIndex(1);

    private WideUnpack32() {}

    // block_q4_0, 18 bytes: half d | 16 of quants
    public static void q4_0(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            float d = Unpacking.half(packed, block * 18);
            for (int i = 0; i < HALF; i += LANES) {
                IntVector quants = Unpacking.bytes(packed, block * 18 + 2 + i);
                long offset = targetOffset + block * BLOCK_FLOAT_BYTES + (long) i * Float.BYTES;
                store(quants.and(0xf).sub(8), d, target, offset);
                store(quants.lanewise(LSHR, 4).sub(8), d, target, offset + HALF_FLOAT_BYTES);
            }
        }
    }

    // block_q4_1, 20 bytes: half d | half m | 16 of quants
    public static void q4_1(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            float d = Unpacking.half(packed, block * 20);
            float min = Unpacking.half(packed, block * 20 + 2);
            for (int i = 0; i < HALF; i += LANES) {
                IntVector quants = Unpacking.bytes(packed, block * 20 + 4 + i);
                long offset = targetOffset + block * BLOCK_FLOAT_BYTES + (long) i * Float.BYTES;
                store(quants.and(0xf), d, min, target, offset);
                store(quants.lanewise(LSHR, 4), d, min, target, offset + HALF_FLOAT_BYTES);
            }
        }
    }

    // block_q5_0, 22 bytes: half d | 4 of upper bits | 16 of quants
    public static void q5_0(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            float d = Unpacking.half(packed, block * 22);
            int upper = Unpacking.fourBytes(packed, block * 22 + 2);
            for (int i = 0; i < HALF; i += LANES) {
                IntVector quants = Unpacking.bytes(packed, block * 22 + 6 + i);
                long offset = targetOffset + block * BLOCK_FLOAT_BYTES + (long) i * Float.BYTES;
                store(quants.and(0xf).or(fifthBits(upper >>> i)).sub(16), d, target, offset);
                store(
                        quants.lanewise(LSHR, 4)
                                .or(fifthBits(upper >>> (i + HALF)))
                                .sub(16),
                        d,
                        target,
                        offset + HALF_FLOAT_BYTES);
            }
        }
    }

    // block_q5_1, 24 bytes: half d | half m | 4 of upper bits | 16 of quants
    public static void q5_1(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            float d = Unpacking.half(packed, block * 24);
            float min = Unpacking.half(packed, block * 24 + 2);
            int upper = Unpacking.fourBytes(packed, block * 24 + 4);
            for (int i = 0; i < HALF; i += LANES) {
                IntVector quants = Unpacking.bytes(packed, block * 24 + 8 + i);
                long offset = targetOffset + block * BLOCK_FLOAT_BYTES + (long) i * Float.BYTES;
                store(quants.and(0xf).or(fifthBits(upper >>> i)), d, min, target, offset);
                store(
                        quants.lanewise(LSHR, 4).or(fifthBits(upper >>> (i + HALF))),
                        d,
                        min,
                        target,
                        offset + HALF_FLOAT_BYTES);
            }
        }
    }

    /** Bit i of the word, as bit 4 of lane i. */
    private static IntVector fifthBits(int word) {
        return IntVector.broadcast(INTS, word).lanewise(LSHR, INDEX).and(1).lanewise(LSHL, 4);
    }

    private static void store(IntVector quants, float d, MemorySegment target, long offset) {
        Unpacking.store(Unpacking.floats(quants).mul(d), target, offset);
    }

    private static void store(IntVector quants, float d, float min, MemorySegment target, long offset) {
        Unpacking.store(Unpacking.floats(quants).mul(d).add(min), target, offset);
    }
}
