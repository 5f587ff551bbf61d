package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.TensorInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts tensors into chunks, in order. The cuts depend on the shapes alone, never on the threads. Any thread may take
 * the next chunk.
 */
public final class Chunks implements Chunk.Source {

    /**
     * Elements of a chunk, at most (but always a whole row). 64 Ki elements are 256 KiB as floats: what a worker holds
     * of them stays in a core's L2 cache, and a chunk takes milliseconds to quantize, so the last ones end together.
     */
    public static final long MAX_ELEMENTS = 64 * 1024;

    private final List<TensorInfo> tensors;
    private int index;
    private int tensor;
    private long row;

    public Chunks(List<TensorInfo> tensors) {
        this.tensors = tensors;
    }

    @Override
    public synchronized @Nullable Chunk next() {
        if (tensor == tensors.size()) {
            return null;
        }
        TensorInfo current = tensors.get(tensor);
        Chunk chunk = new Chunk(index++, tensor, current, row, rowsAt(current, row));
        row += chunk.rowCount();
        if (row == current.shape().rowCount()) {
            tensor++;
            row = 0;
        }
        return chunk;
    }

    /** How many chunks there are. */
    static int count(List<TensorInfo> tensors) {
        return count(new Chunks(tensors));
    }

    /** How many a source has left; afterwards it has none. */
    static int count(Chunk.Source chunks) {
        int count = 0;
        while (chunks.next() != null) {
            count++;
        }
        return count;
    }

    /** Rows of the chunk that begins at a row; no chunk of the tensor has more than the one at row 0. */
    public static long rowsAt(TensorInfo tensor, long row) {
        long wanted = Math.max(1, MAX_ELEMENTS / tensor.shape().rowLength());
        long rowsPerMatrix = Chunk.rowsPerMatrix(tensor);
        return Math.min(wanted, rowsPerMatrix - row % rowsPerMatrix);
    }
}
