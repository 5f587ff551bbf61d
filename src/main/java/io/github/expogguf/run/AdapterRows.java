package io.github.expogguf.run;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.LowRank;
import io.github.expogguf.plan.Operand;
import io.github.expogguf.plan.TensorTask;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Adds the products of adapters to rows: {@code row = row + scale * (left[row] * right)}, one adapter after the other. IEEE
 * binary32, unfused; the product is summed over the rank in its order, beginning with 0. A worker has one of its own, which keeps
 * the right factor of the matrix that it is at.
 */
final class AdapterRows {

    private static final long LEFT_ELEMENTS = 256 * 1024;

    private Chunk at; // any chunk of the matrix whose factors are kept
    private List<LowRank> products = List.of();
    private float[][] rights = {};

    /** Bytes of the factors of a task's tensor that are kept. */
    static long byteCount(TensorTask task) {
        return task.source() instanceof Operand.Adapted adapted
                ? adapted.products().stream()
                        .mapToLong(product -> product.rank() * adapted.tensor().shape().rowLength() * Float.BYTES)
                        .sum()
                : 0;
    }

    /**
     * Adds to the rows of a chunk.
     *
     * @param models by number
     * @param rows   {@code elementCount} floats, changed
     */
    void add(List<GgufModel> models, List<LowRank> added, Chunk chunk, MemorySegment rows) throws IOException {
        if (added != products || at.matrix() != chunk.matrix()) {
            load(models, added, chunk);
        }
        int length = Math.toIntExact(chunk.rowLength());
        float[] row = new float[length];
        float[] product = new float[length];
        for (int i = 0; i < products.size(); i++) {
            LowRank factors = products.get(i);
            int rank = Math.toIntExact(factors.rank());
            long group = Math.max(1, LEFT_ELEMENTS / rank); // rows of which the left factor is read together
            float[] left = {};
            for (long r = 0; r < chunk.rowCount(); r++) {
                if (r % group == 0) {
                    long count = Math.min(group, chunk.rowCount() - r);
                    left = rows(models.get(factors.model()), factors.left(), chunk.firstRow() + r, count);
                }
                long offset = Float.BYTES * (long) length * r;
                MemorySegment.copy(rows, JAVA_FLOAT_UNALIGNED, offset, row, 0, length);
                multiply(left, (int) (r % group) * rank, rank, rights[i], product);
                addScaled(factors.scale(), product, row);
                MemorySegment.copy(row, 0, rows, JAVA_FLOAT_UNALIGNED, offset, length);
            }
        }
    }

    private static void multiply(float[] left, int from, int rank, float[] right, float[] product) {
        Arrays.fill(product, 0);
        for (int k = 0; k < rank; k++) {
            float factor = left[from + k];
            int at = k * product.length;
            for (int column = 0; column < product.length; column++) {
                product[column] += factor * right[at + column];
            }
        }
    }

    private static void addScaled(float scale, float[] product, float[] row) {
        for (int column = 0; column < row.length; column++) {
            float step = scale * product[column];
            row[column] = row[column] + step;
        }
    }

    private void load(List<GgufModel> models, List<LowRank> added, Chunk chunk) throws IOException {
        float[][] loaded = new float[added.size()][];
        for (int i = 0; i < loaded.length; i++) {
            LowRank factors = added.get(i);
            long rowsOfMatrix = factors.right().shape().dimension(1);
            float[] values =
                    rows(models.get(factors.model()), factors.right(), chunk.matrix() * rowsOfMatrix, rowsOfMatrix);
            loaded[i] = factors.isTransposed() ? transposed(values, (int) factors.rank()) : values;
        }
        rights = loaded;
        products = added;
        at = chunk;
    }

    private static float[] transposed(float[] values, int rank) {
        float[] rows = new float[values.length];
        int columns = values.length / rank;
        for (int column = 0; column < columns; column++) {
            for (int k = 0; k < rank; k++) {
                rows[k * columns + column] = values[column * rank + k];
            }
        }
        return rows;
    }

    private static float[] rows(GgufModel model, TensorInfo tensor, long first, long count) throws IOException {
        long length = tensor.shape().rowLength();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(Math.multiplyExact(tensor.rowBytes(), count), Long.BYTES);
            MemorySegment floats =
                    arena.allocate(Math.multiplyExact(Float.BYTES, Math.multiplyExact(length, count)), Float.BYTES);
            model.read(tensor, Math.multiplyExact(tensor.rowBytes(), first), packed);
            RowCodecs.of(tensor.type()).dequantize(length, count, packed, floats);
            return floats.toArray(JAVA_FLOAT_UNALIGNED);
        }
    }
}
