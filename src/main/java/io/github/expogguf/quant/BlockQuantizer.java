package io.github.expogguf.quant;

import java.lang.foreign.MemorySegment;

/**
 * Quantizes super-blocks of 256 floats as {@code ggml_quantize_chunk} does without importance, many sub-blocks at once.
 * Holds the working memory: one thread at a time. Callers have checked the segments.
 */
interface BlockQuantizer {

    /** Floats of a super-block ({@code QK_K} of ggml-common.h). */
    int SUPER_BLOCK = 256;

    /** Super-blocks that {@link #quantize} takes in one call, at most. */
    int groupSize();

    /**
     * Quantizes a group.
     *
     * @param source       floats, each of a magnitude below 2^20
     * @param sourceOffset bytes before the first float of the group
     * @param count        super-blocks, from 1 to {@link #groupSize()}
     * @param target       packed blocks
     * @param targetOffset bytes before the first block of the group
     * @return whether that worked; where a number would leave the range in which this code and ggml's agree, the blocks
     *     are left undefined and ggml has to do them
     */
    boolean quantize(MemorySegment source, long sourceOffset, int count, MemorySegment target, long targetOffset);
}
