package io.github.expogguf.quant.k;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * The scales and minima of Q4_K and Q5_K, eight of each (block_q4_K of ggml-common.h, {@code get_scale_min_k4} of
 * ggml-quants.c, ggml 0.25.1).
 *
 * <pre>
 * byte  | bits 7-6          | bits 5-0
 * 0-3   | scale 4-7, 5-4    | scale 0-3
 * 4-7   | min 4-7, 5-4      | min 0-3
 * byte  | bits 7-4          | bits 3-0
 * 8-11  | min 4-7, 3-0      | scale 4-7, 3-0
 * </pre>
 */
final class SixBitScales {

    private static final int LOWER = 15;
    private static final int LIMIT = 63;

    private SixBitScales() {}

    /** Packs quants of up to eight bits as ggml does, that is, by or, and leaves in the arrays what can be unpacked. */
    static void pack(int[] scales, int[] mins, MemorySegment target, long offset) {
        for (int j = 0; j < 4; j++) {
            int scaleBits = scales[j] | scales[j + 4] >> 4 << 6;
            int minBits = mins[j] | mins[j + 4] >> 4 << 6;
            target.set(JAVA_BYTE, offset + j, (byte) scaleBits);
            target.set(JAVA_BYTE, offset + j + 4, (byte) minBits);
            target.set(JAVA_BYTE, offset + j + 8, (byte) ((scales[j + 4] & LOWER) | mins[j + 4] << 4));
            scales[j] = scaleBits & LIMIT;
            mins[j] = minBits & LIMIT;
            scales[j + 4] = (scales[j + 4] & LOWER) | (scaleBits >> 6 & 3) << 4;
            mins[j + 4] = (mins[j + 4] & LOWER) | (minBits >> 6 & 3) << 4;
        }
    }
}
