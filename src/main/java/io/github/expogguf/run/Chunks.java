package io.github.expogguf.run;

import io.github.expogguf.plan.TensorTask;
import java.util.List;

/**
 * Cuts the tensors of a plan into chunks, in order. The cuts depend on the plan alone, never on the threads. Any thread may
 * take the next chunk.
 */
final class Chunks {

    /**
     * Elements of a chunk, at most (but always a whole row). 64 Ki elements are 256 KiB as floats: both inputs, both as floats,
     * and the output stay in a core's L2 cache, and a chunk takes milliseconds to quantize, so the last ones end together.
     */
    static final long MAX_ELEMENTS = 64 * 1024;

    private final List<TensorTask> tasks;
    private int index;
    private int tensor;
    private long row;

    Chunks(List<TensorTask> tasks) {
        this.tasks = tasks;
    }

    /** The next chunk, or null when there are no more. */
    synchronized Chunk next() {
        if (tensor == tasks.size()) {
            return null;
        }
        TensorTask task = tasks.get(tensor);
        Chunk chunk = new Chunk(index++, tensor, task, row, rowsAt(task, row));
        row += chunk.rowCount();
        if (row == task.aligned().shape().rowCount()) {
            tensor++;
            row = 0;
        }
        return chunk;
    }

    /** How many chunks there are. */
    static int count(List<TensorTask> tasks) {
        Chunks chunks = new Chunks(tasks);
        while (chunks.next() != null) {}
        return chunks.index;
    }

    /** Most elements that a chunk of these tasks has. */
    static long largest(List<TensorTask> tasks) {
        return tasks.stream()
                .mapToLong(task -> rowsAt(task, 0) * task.aligned().shape().rowLength())
                .max()
                .orElse(0);
    }

    static long rowsPerMatrix(TensorTask task) {
        return task.aligned().shape().dimension(1);
    }

    /** Rows of the chunk that begins at a row; no chunk of the tensor has more than the one at row 0. */
    static long rowsAt(TensorTask task, long row) {
        long wanted = Math.max(1, MAX_ELEMENTS / task.aligned().shape().rowLength());
        long rowsPerMatrix = rowsPerMatrix(task);
        return Math.min(wanted, rowsPerMatrix - row % rowsPerMatrix);
    }
}
