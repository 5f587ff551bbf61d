package io.github.expogguf.quant.lanes;

import java.lang.foreign.MemorySegment;

/**
 * Quantizes blocks of floats as {@code ggml_quantize_chunk} does, many blocks or sub-blocks at once. Made either for
 * weighing values by importance or for doing without. Holds the working memory: one thread at a time. Callers have
 * checked the segments.
 */
public interface BlockQuantizer {

    /** Floats of a super-block ({@code QK_K} of ggml-common.h). */
    public int SUPER_BLOCK = 256;

    /** Blocks that {@link #quantize} takes in one call, at most. */
    int groupSize();

    /**
     * Quantizes a group.
     *
     * @param source       floats, each of a magnitude below 2^20
     * @param sourceOffset bytes before the first float of the group
     * @param count        blocks of the type, from 1 to {@link #groupSize()}
     * @param importance   native; one float for each of the group's values, in their order, finite and 0 or more; or
     *     {@link MemorySegment#NULL} where the quantizer was made for doing without
     * @param target       packed blocks
     * @param targetOffset bytes before the first block of the group
     * @return whether that worked; where a number would leave the range in which this code and ggml's agree, the blocks
     *     are left undefined and ggml has to do them
     */
    boolean quantize(
            MemorySegment source,
            long sourceOffset,
            int count,
            MemorySegment importance,
            MemorySegment target,
            long targetOffset);
}
