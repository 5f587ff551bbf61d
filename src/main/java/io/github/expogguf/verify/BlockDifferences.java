package io.github.expogguf.verify;

import io.github.expogguf.gguf.TensorInfo;
import java.lang.foreign.MemorySegment;

/**
 * How two versions of tensors differ.
 *
 * @param tensors  tensors that differ
 * @param blocks   blocks that differ
 * @param firstRow the first row that does, in the first of the tensors
 */
record BlockDifferences(int tensors, long blocks, long firstRow) {

    /**
     * Compares rows of a tensor.
     *
     * @param firstRow number of the first row in the tensor
     */
    static BlockDifferences between(TensorInfo tensor, long firstRow, MemorySegment actual, MemorySegment expected) {
        long different = actual.mismatch(expected);
        if (different < 0) {
            return new BlockDifferences(0, 0, Long.MAX_VALUE);
        }
        long blockBytes = tensor.type().blockBytes();
        long blocks = 0;
        for (long at = different - different % blockBytes; at < actual.byteSize(); at += blockBytes) {
            blocks += actual.asSlice(at, blockBytes).mismatch(expected.asSlice(at, blockBytes)) < 0 ? 0 : 1;
        }
        return new BlockDifferences(1, blocks, firstRow + different / tensor.rowBytes());
    }

    /** Of two chunks of one tensor. */
    BlockDifferences and(BlockDifferences other) {
        return new BlockDifferences(1, blocks + other.blocks, Math.min(firstRow, other.firstRow));
    }

    /** Of different tensors. */
    BlockDifferences plus(BlockDifferences other) {
        return new BlockDifferences(tensors + other.tensors, blocks + other.blocks, firstRow);
    }
}
