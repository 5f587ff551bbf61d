package io.github.expogguf.quant.unpack;

import java.lang.foreign.MemorySegment;

/** Dequantizes blocks of one type as ggml's {@code to_float} does. No state; any thread. */
public interface BlockDequantizer {

    /** Bytes that may be read behind the last block, and that mean nothing. */
    int PADDING = 64;

    /**
     * Dequantizes blocks that follow each other. Callers have checked the sizes.
     *
     * @param packed       the blocks, then {@link #PADDING} bytes of any value
     * @param count        blocks
     * @param target       floats
     * @param targetOffset bytes before the first float
     */
    void dequantize(byte[] packed, int count, MemorySegment target, long targetOffset);
}
