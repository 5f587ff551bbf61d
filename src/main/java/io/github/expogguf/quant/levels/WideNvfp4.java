package io.github.expogguf.quant.levels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * NVFP4: blocks of four times 16 {@link FourBitFloats} behind their scales, floats of 8 bits (block_nvfp4 of ggml-
 * common.h, quantize_row_nvfp4_ref of ggml-quants.c, ggml 0.25.1, which takes no notice of importance).
 */
public final class WideNvfp4 implements BlockQuantizer {

    private static final int SUB_BLOCK = 16;
    private static final int SUB_BLOCKS = 4;
    private static final int GROUP_SIZE = 8;
    private static final int BLOCK_BYTES = GgmlType.NVFP4.blockBytes();

    /** From the fifteenth exponent on ggml takes the largest scale, 448. */
    private static final int LARGE = 15 << 3;

    private static final int MOST = 0x7e;

    private final int[] numbers = new int[GROUP_SIZE * SUB_BLOCKS * SUB_BLOCK];
    private final byte[] bytes = new byte[GROUP_SIZE * SUB_BLOCKS * SUB_BLOCK];

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
        for (int i = 0; i < count * SUB_BLOCKS; i++) {
            long start = sourceOffset + (long) i * SUB_BLOCK * Float.BYTES;
            int scale = scale(Float.intBitsToFloat(FourBitFloats.largest(source, start, SUB_BLOCK)) / 6);
            target.set(JAVA_BYTE, targetOffset + block(i) + i % SUB_BLOCKS, (byte) scale);
            float half = scale == 0 ? Float.POSITIVE_INFINITY : half(scale);
            FourBitFloats.encode(source, start, SUB_BLOCK, half, numbers, i * SUB_BLOCK);
        }
        Lanes.narrow(numbers, bytes);
        for (int i = 0; i < count * SUB_BLOCKS; i++) {
            long packed = Lanes.eight(bytes, i * SUB_BLOCK) | Lanes.eight(bytes, i * SUB_BLOCK + Long.BYTES) << 4;
            long offset = block(i) + SUB_BLOCKS + (long) (i % SUB_BLOCKS) * Long.BYTES;
            target.set(Lanes.EIGHT_BYTES, targetOffset + offset, packed);
        }
        return true;
    }

    private static long block(int subBlock) {
        return (long) (subBlock / SUB_BLOCKS) * BLOCK_BYTES;
    }

    /** {@code ggml_fp32_to_ue4m3} of ggml-impl.h: 4 bits of exponent, 3 of mantissa, for numbers that are 0 or more. */
    private static int scale(float value) {
        float limited = Math.min(value, 448);
        int bits = Float.floatToRawIntBits(limited);
        int exponent = (bits >>> 23) - 127 + 7;
        if (exponent <= 0) {
            return Math.min(7, (int) (limited * 512 + 0.5f));
        }
        int rounded = (exponent << 3 | (bits >>> 20 & 7)) + (bits >>> 19 & 1);
        return rounded < LARGE ? rounded : MOST;
    }

    /** {@code ggml_ue4m3_to_fp32} of ggml-impl.h, for scales that are not 0. */
    private static float half(int scale) {
        int exponent = scale >> 3;
        int mantissa = scale & 7;
        return exponent == 0 ? mantissa * 0x1p-10f : Math.scalb(8f + mantissa, exponent - 11);
    }
}
