package io.github.expogguf.quant.unpack;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;

/**
 * IQ4_NL, IQ4_XS and MXFP4, in the order of operations of {@code dequantize_row_iq4_nl} and its kin (ggml-quants.c,
 * ggml 0.25.1): a scale times one of 16 small integers. Of 16 bytes, byte i holds the numbers of values i and i + 16.
 */
public final class WideUnpackTable {

    private static final int HALF = 16;
    private static final int BLOCK_FLOAT_BYTES = 32 * Float.BYTES;

    /** {@code kvalues_iq4nl} of ggml-common.h. */
    private static final ByteVector NON_LINEAR =
            table(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    /** {@code kvalues_mxfp4} of ggml-common.h: twice the values of E2M1. */
    private static final ByteVector E2M1 = table(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    private WideUnpackTable() {}

    private static ByteVector table(int... values) {
        byte[] bytes = new byte[HALF];
        for (int i = 0; i < HALF; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteVector.fromArray(ByteVector.SPECIES_128, bytes, 0);
    }

    // block_iq4_nl, 18 bytes: half d | 16 of numbers
    public static void iq4Nl(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            float d = Unpacking.half(packed, block * 18);
            store(packed, block * 18 + 2, NON_LINEAR, d, target, targetOffset + (long) block * BLOCK_FLOAT_BYTES);
        }
    }

    // block_iq4_xs, 136 bytes: half d | 2 of upper 2 bits of scales | 4 of their lower 4 bits | 128 of numbers
    public static void iq4Xs(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            int start = block * 136;
            float d = Unpacking.half(packed, start);
            int high = Unpacking.twoBytes(packed, start + 2);
            int low = Unpacking.fourBytes(packed, start + 4);
            long floats = targetOffset + block * 1024L;
            for (int j = 0; j < 8; j++) {
                int scale = (low >>> (4 * j) & 0xf) | (high >>> (2 * j) & 3) << 4;
                long offset = floats + j * BLOCK_FLOAT_BYTES;
                store(packed, start + 8 + j * HALF, NON_LINEAR, d * (scale - 32), target, offset);
            }
        }
    }

    // block_mxfp4, 17 bytes: exponent | 16 of numbers
    public static void mxfp4(byte[] packed, int count, MemorySegment target, long targetOffset) {
        for (int block = 0; block < count; block++) {
            float d = halfOfPowerOfTwo(packed[block * 17] & 0xff);
            store(packed, block * 17 + 1, E2M1, d, target, targetOffset + (long) block * BLOCK_FLOAT_BYTES);
        }
    }

    /** {@code ggml_e8m0_to_fp32_half} of ggml-impl.h: 2^(exponent - 128). */
    private static float halfOfPowerOfTwo(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x0020_0000 << exponent : (exponent - 1) << 23);
    }

    private static void store(
            byte[] packed, int start, ByteVector table, float scale, MemorySegment target, long offset) {
        ByteVector numbers = ByteVector.fromArray(ByteVector.SPECIES_128, packed, start);
        store(numbers.and((byte) 0xf).selectFrom(table), scale, target, offset);
        store(numbers.lanewise(LSHR, 4).selectFrom(table), scale, target, offset + HALF * Float.BYTES);
    }

    private static void store(ByteVector values, float scale, MemorySegment target, long offset) {
        for (int part = 0; part < HALF / LANES; part++) {
            IntVector integers = (IntVector) values.convertShape(B2I, INTS, part);
            Unpacking.store(Unpacking.floats(integers).mul(scale), target, offset + part * LANES * (long) Float.BYTES);
        }
    }
}
