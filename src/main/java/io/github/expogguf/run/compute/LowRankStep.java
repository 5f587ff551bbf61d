package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.plan.task.TensorTask;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Extrapolates by a delta of low rank: {@code result = aligned + alpha * (left[row] * right)}, IEEE binary32, unfused;
 * the product is summed over the rank in its order, beginning with 0. A worker has one of its own, which keeps the
 * right factor of the matrix that it is at.
 */
final class LowRankStep {

    private String tensor = "";
    private int rank;
    private long matrix;
    private float[] right = {};

    /** Bytes of the factors of a task's tensor that are kept. */
    static long byteCount(TensorTask task) {
        return task instanceof TensorTask.Extrapolate pair
                ? Math.multiplyExact(
                        (long) Float.BYTES * pair.operands().rank(),
                        pair.aligned().shape().rowLength())
                : 0;
    }

    /**
     * Extrapolates the rows of a chunk.
     *
     * @param aligned {@code elementCount} floats
     * @param result  as many, overwritten
     */
    void extrapolate(
            LowRankDeltas deltas, TensorTask.Extrapolate task, Chunk chunk, MemorySegment aligned, MemorySegment result)
            throws IOException {
        load(deltas, chunk, task.operands().rank());
        int length = Math.toIntExact(chunk.rowLength());
        long firstRow = chunk.firstRow() % Chunk.rowsPerMatrix(chunk.aligned());
        float[] left = deltas.left(tensor, rank, matrix, firstRow, Math.toIntExact(chunk.rowCount()));
        float[] row = new float[length];
        float[] product = new float[length];
        for (int r = 0; r < chunk.rowCount(); r++) {
            long offset = Float.BYTES * (long) length * r;
            MemorySegment.copy(aligned, JAVA_FLOAT_UNALIGNED, offset, row, 0, length);
            AdapterRows.multiply(left, r * rank, rank, right, product);
            AdapterRows.addScaled(task.alpha(), product, row);
            MemorySegment.copy(row, 0, result, JAVA_FLOAT_UNALIGNED, offset, length);
        }
    }

    private void load(LowRankDeltas deltas, Chunk chunk, int wanted) throws IOException {
        String name = chunk.aligned().name();
        if (!name.equals(tensor) || wanted != rank || chunk.matrix() != matrix) {
            right = deltas.right(name, wanted, chunk.matrix());
            tensor = name;
            rank = wanted;
            matrix = chunk.matrix();
        }
    }
}
