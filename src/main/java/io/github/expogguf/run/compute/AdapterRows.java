package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.AdapterChange;
import io.github.expogguf.plan.task.LowRank;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.plan.task.WholeTensor;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes rows as adapters do, one after the other: {@code row = row + scale * (left[row] * right)}, and for tensors
 * that they hold as a whole {@code row = row + weight * (whole - base)}, which is {@code whole} itself where the weight
 * is 1 and none came before. IEEE binary32, unfused; the product is summed over the rank in its order, beginning with
 * 0. A worker has one of its own, which keeps the right factor of the matrix that it is at.
 */
final class AdapterRows {

    private static final long LEFT_ELEMENTS = 256 * 1024;

    private @Nullable Chunk at; // any chunk of the matrix whose factors are kept
    private List<AdapterChange> changes = List.of();
    private float[][] rights = {}; // empty for whole tensors

    /** Bytes of the factors of a task's tensor that are kept. */
    static long byteCount(TensorTask task) {
        return task.source() instanceof Operand.Adapted adapted
                ? adapted.changes().stream()
                        .mapToLong(change ->
                                byteCount(change, adapted.tensor().shape().rowLength()))
                        .sum()
                : 0;
    }

    private static long byteCount(AdapterChange change, long rowLength) {
        return switch (change) {
            case LowRank product -> product.rank() * rowLength * Float.BYTES;
            case WholeTensor _ -> 0;
        };
    }

    /**
     * Changes the rows of a chunk.
     *
     * @param models by number
     * @param rows   {@code elementCount} floats, changed
     */
    @SuppressWarnings("ReferenceEquality") // whose factors are here; equal changes of another matrix are others
    void apply(List<SourceModel> models, List<AdapterChange> wanted, Chunk chunk, MemorySegment rows)
            throws IOException {
        if (at == null || wanted != changes || at.matrix() != chunk.matrix()) {
            load(models, wanted, chunk);
        }
        float[] base = isAnyWhole() ? rows.toArray(JAVA_FLOAT_UNALIGNED) : new float[0];
        for (int i = 0; i < changes.size(); i++) {
            switch (changes.get(i)) {
                case LowRank factors -> addProduct(models.get(factors.model()), factors, rights[i], chunk, rows);
                case WholeTensor whole -> addWhole(models.get(whole.model()), whole, i == 0, chunk, base, rows);
            }
        }
    }

    private boolean isAnyWhole() {
        return changes.stream().anyMatch(WholeTensor.class::isInstance);
    }

    private static void addWhole(
            SourceModel model, WholeTensor whole, boolean isFirst, Chunk chunk, float[] base, MemorySegment rows)
            throws IOException {
        float[] values = rows(model, whole.tensor(), chunk.firstRow(), chunk.rowCount());
        if (!isFirst || whole.weight() != 1) {
            for (int i = 0; i < values.length; i++) {
                float delta = values[i] - base[i];
                float step = whole.weight() * delta;
                values[i] = rows.getAtIndex(JAVA_FLOAT_UNALIGNED, i) + step;
            }
        }
        MemorySegment.copy(values, 0, rows, JAVA_FLOAT_UNALIGNED, 0, values.length);
    }

    private static void addProduct(SourceModel model, LowRank factors, float[] right, Chunk chunk, MemorySegment rows)
            throws IOException {
        int length = Math.toIntExact(chunk.rowLength());
        float[] row = new float[length];
        float[] product = new float[length];
        int rank = Math.toIntExact(factors.rank());
        long group = Math.max(1, LEFT_ELEMENTS / rank); // rows of which the left factor is read together
        float[] left = {};
        for (long r = 0; r < chunk.rowCount(); r++) {
            if (r % group == 0) {
                long count = Math.min(group, chunk.rowCount() - r);
                left = rows(model, factors.left(), chunk.firstRow() + r, count);
            }
            long offset = Float.BYTES * (long) length * r;
            MemorySegment.copy(rows, JAVA_FLOAT_UNALIGNED, offset, row, 0, length);
            multiply(left, (int) (r % group) * rank, rank, right, product);
            addScaled(factors.scale(), product, row);
            MemorySegment.copy(row, 0, rows, JAVA_FLOAT_UNALIGNED, offset, length);
        }
    }

    static void multiply(float[] left, int from, int rank, float[] right, float[] product) {
        Arrays.fill(product, 0);
        for (int k = 0; k < rank; k++) {
            float factor = left[from + k];
            int at = k * product.length;
            for (int column = 0; column < product.length; column++) {
                product[column] += factor * right[at + column];
            }
        }
    }

    static void addScaled(float scale, float[] product, float[] row) {
        for (int column = 0; column < row.length; column++) {
            float step = scale * product[column];
            row[column] = row[column] + step;
        }
    }

    private void load(List<SourceModel> models, List<AdapterChange> wanted, Chunk chunk) throws IOException {
        float[][] loaded = new float[wanted.size()][];
        for (int i = 0; i < loaded.length; i++) {
            loaded[i] = switch (wanted.get(i)) {
                case LowRank factors -> right(models.get(factors.model()), factors, chunk.matrix());
                case WholeTensor _ -> new float[0];
            };
        }
        rights = loaded;
        changes = wanted;
        at = chunk;
    }

    private static float[] right(SourceModel model, LowRank factors, long matrix) throws IOException {
        long rowsOfMatrix = factors.right().shape().dimension(1);
        float[] values = rows(model, factors.right(), matrix * rowsOfMatrix, rowsOfMatrix);
        return factors.isTransposed() ? transposed(values, (int) factors.rank()) : values;
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

    private static float[] rows(SourceModel model, TensorInfo tensor, long first, long count) throws IOException {
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
