package io.github.expogguf.quant.levels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.quant.lanes.BlockQuantizer;
import io.github.expogguf.quant.lanes.Lanes;
import java.lang.foreign.MemorySegment;

/**
 * MXFP4: blocks of 32 {@link FourBitFloats} behind an exponent, the scale (block_mxfp4 of ggml-common.h,
 * quantize_row_mxfp4_ref of ggml-quants.c, ggml 0.25.1, which takes no notice of importance).
 */
public final class WideMxfp4 implements BlockQuantizer {

    private static final int BLOCK = 32;
    private static final int GROUP_SIZE = 16;
    private static final int BLOCK_BYTES = GgmlType.MXFP4.blockBytes();
    private static final int EXPONENT_SHIFT = 23;
    private static final int MANTISSA = 0x007f_ffff;

    /** Up to this distance from the next power of two the C library's {@code log2f} may round to its exponent. */
    private static final int NEARLY_TWO = MANTISSA - 1023;

    /** What ggml subtracts from the exponent of the largest value. */
    private static final int LESS = 2;

    /** Below, the scale is no longer normal; then ggml's exponent becomes negative, of which C says nothing. */
    private static final int LEAST_EXPONENT = 2;

    /** {@code GGML_E8M0_TO_FP32_HALF(0)}. */
    private static final float LEAST_SCALE = 0x1p-128f;

    private final int[] numbers = new int[GROUP_SIZE * BLOCK];
    private final byte[] bytes = new byte[GROUP_SIZE * BLOCK];

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
            long block = sourceOffset + (long) i * BLOCK * Float.BYTES;
            int largest = FourBitFloats.largest(source, block, BLOCK);
            int exponent = (largest >>> EXPONENT_SHIFT) - LESS;
            if (largest != 0 && (exponent < LEAST_EXPONENT || (largest & MANTISSA) > NEARLY_TWO)) {
                return false;
            }
            float scale = LEAST_SCALE;
            if (largest != 0) {
                scale = Float.intBitsToFloat((exponent - 1) << EXPONENT_SHIFT);
            }
            target.set(JAVA_BYTE, targetOffset + (long) i * BLOCK_BYTES, (byte) Math.max(exponent, 0));
            FourBitFloats.encode(source, block, BLOCK, scale, numbers, i * BLOCK);
        }
        Lanes.narrow(numbers, bytes);
        for (int i = 0; i < count; i++) {
            long offset = targetOffset + (long) i * BLOCK_BYTES + 1;
            int first = i * BLOCK;
            for (int j = 0; j < BLOCK / 2; j += Long.BYTES) {
                long packed = Lanes.eight(bytes, first + j) | Lanes.eight(bytes, first + BLOCK / 2 + j) << 4;
                target.set(Lanes.EIGHT_BYTES, offset + j, packed);
            }
        }
        return true;
    }
}
