package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;
import org.jspecify.annotations.Nullable;

/**
 * Unit of work: whole rows of one tensor, within one matrix where a tensor stacks several.
 *
 * @param index    number of the chunk in the run, from 0
 * @param tensor   number of the tensor in the plan
 * @param aligned  the tensor in the aligned model
 * @param firstRow first row, counted over all matrices of the tensor
 * @param rowCount rows, at least 1
 */
public record Chunk(int index, int tensor, TensorInfo aligned, long firstRow, long rowCount) {

    long rowLength() {
        return aligned.shape().rowLength();
    }

    /** Elements of all rows. */
    public long elementCount() {
        return rowLength() * rowCount;
    }

    /** Matrix of the tensor that the rows belong to: the expert, for stacked experts. */
    long matrix() {
        return firstRow / rowsPerMatrix(aligned);
    }

    static long rowsPerMatrix(TensorInfo tensor) {
        return tensor.shape().dimension(1);
    }

    /** Bytes of the rows in a type. */
    public long bytes(GgmlType type) {
        return type.rowBytes(rowLength()) * rowCount;
    }

    /** Where the rows begin in a tensor of a type. */
    public long offset(GgmlType type) {
        return type.rowBytes(rowLength()) * firstRow;
    }

    /** Hands out chunks to the workers of a run. Any thread may take the next one. */
    @FunctionalInterface
    interface Source {

        /** The next chunk, numbered from 0 in the order they are handed out, or null when there are no more. */
        @Nullable
        Chunk next();
    }
}
