package io.github.expogguf.run;

import io.github.expogguf.plan.TensorTask;

/**
 * Unit of work: whole rows of one tensor, within one matrix where a tensor stacks several.
 *
 * @param index    number of the chunk in the run, from 0
 * @param tensor   number of the tensor in the plan
 * @param task     what happens to the tensor
 * @param firstRow first row, counted over all matrices of the tensor
 * @param rowCount rows, at least 1
 */
record Chunk(int index, int tensor, TensorTask task, long firstRow, long rowCount) {

    long rowLength() {
        return task.aligned().shape().rowLength();
    }

    /** Elements of all rows. */
    long elementCount() {
        return rowLength() * rowCount;
    }

    /** Matrix of the tensor that the rows belong to: the expert, for stacked experts. */
    long matrix() {
        return firstRow / Chunks.rowsPerMatrix(task);
    }

    /** Bytes of the rows in the output. */
    long targetBytes() {
        return task.targetType().rowBytes(rowLength()) * rowCount;
    }

    /** Where the rows begin in the output's tensor. */
    long targetOffset() {
        return task.targetType().rowBytes(rowLength()) * firstRow;
    }
}
