package io.github.expogguf.quant.levels;

import static io.github.expogguf.quant.lanes.Lanes.INTS;
import static io.github.expogguf.quant.lanes.Lanes.LANES;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static jdk.incubator.vector.VectorOperators.ASHR;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * TQ1_0 and TQ2_0: super-blocks of -1, 0 and 1, before a half, the scale (block_tq1_0 and block_tq2_0 of ggml-common.h,
 * quantize_row_tq1_0_ref and quantize_row_tq2_0_ref of ggml-quants.c, ggml 0.25.1, which take no notice of importance).
 */
public final class WideTernary implements BlockQuantizer {

    private static final int GROUP_SIZE = 16;
    private static final int MAGNITUDE = 0x7fff_ffff;

    /** The bits of the float below 0.5, the largest that is rounded to 0. */
    private static final int BELOW_HALF = 0x3eff_ffff;

    /** Five digits of base 3 as a byte that gives them back by multiplications. */
    private static final byte[] FRACTIONS = new byte[243];

    static {
        for (int i = 0; i < FRACTIONS.length; i++) {
            FRACTIONS[i] = (byte) Math.ceilDiv(i * 256, FRACTIONS.length);
        }
    }

    private final GgmlType type;
    private final int[] digits = new int[SUPER_BLOCK];
    private final byte[] bytes = new byte[SUPER_BLOCK];

    public WideTernary(GgmlType type) {
        this.type = type;
    }

    @Override
    public int groupSize() {
        return GROUP_SIZE;
    }

    @Override
    public boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset) {
        for (int i = 0; i < count; i++) {
            long start = sourceOffset + (long) i * SUPER_BLOCK * Float.BYTES;
            long offset = targetOffset + (long) i * type.blockBytes();
            float d = Float.intBitsToFloat(FourBitFloats.largest(source, start, SUPER_BLOCK));
            float factor = d != 0 ? 1 / d : 0;
            short half = Float.floatToFloat16(d);
            if (!Lanes.isFiniteHalf(half) || !Float.isFinite(factor)) {
                return false;
            }
            round(source, start, factor);
            if (type == GgmlType.TQ1_0) {
                packFives(target, offset);
            } else {
                packFours(target, offset);
            }
            target.set(Lanes.HALF, offset + type.blockBytes() - Short.BYTES, half);
        }
        return true;
    }

    /** Digits from 0 to 2. */
    private void round(MemorySegment source, long offset, float factor) {
        for (int i = 0; i < SUPER_BLOCK; i += LANES) {
            IntVector bits = Lanes.load(source, offset + (long) i * Float.BYTES)
                    .mul(factor)
                    .reinterpretAsInts();
            IntVector isNotZero = IntVector.broadcast(INTS, BELOW_HALF)
                    .sub(bits.and(MAGNITUDE))
                    .lanewise(ASHR, 31);
            IntVector sign = bits.lanewise(ASHR, 31).or(1); // -1 or 1
            sign.and(isNotZero).add(1).intoArray(digits, i);
        }
        Lanes.narrow(digits, bytes);
    }

    /** Two halves of 128 values in 32 bytes each. */
    private void packFours(MemorySegment target, long offset) {
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i += Long.BYTES) {
                long packed = 0;
                for (int j = 0; j < 4; j++) {
                    packed |= Lanes.eight(bytes, half * 128 + 32 * j + i) << (2 * j);
                }
                target.set(Lanes.EIGHT_BYTES, offset + half * 32L + i, packed);
            }
        }
    }

    /** 160 values in 32 bytes, 80 in 16, and the last 16 in 4 bytes that have no fifth digit. */
    private void packFives(MemorySegment target, long offset) {
        for (int i = 0; i < 48; i += Long.BYTES) {
            int distance = i < 32 ? 32 : 16;
            int first = i < 32 ? i : 160 + i - 32;
            long packed = 0;
            for (int j = 0; j < 5; j++) {
                packed = 3 * packed + Lanes.eight(bytes, first + j * distance); // 242 at most in a byte
            }
            for (int j = 0; j < Long.BYTES; j++) {
                target.set(JAVA_BYTE, offset + i + j, FRACTIONS[(int) (packed >>> (8 * j)) & 0xff]);
            }
        }
        for (int i = 0; i < 4; i++) {
            int packed = 0;
            for (int j = 0; j < 4; j++) {
                packed = 3 * packed + bytes[240 + 4 * j + i];
            }
            target.set(JAVA_BYTE, offset + 48 + i, FRACTIONS[3 * packed]);
        }
    }
}
