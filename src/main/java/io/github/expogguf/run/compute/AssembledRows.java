package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Strip;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Puts the rows of a chunk together from tensors that have them in another layout. */
final class AssembledRows {

    private final SourceModel model;
    private final Operand.Assembled operand;
    private final Chunk chunk;

    AssembledRows(SourceModel model, Operand.Assembled operand, Chunk chunk) {
        this.model = model;
        this.operand = operand;
        this.chunk = chunk;
    }

    /** Bytes of packed rows that are held for a chunk. */
    static long packedBytes(Operand.Assembled operand, long chunkRows, long rowLength) {
        long most = 0;
        for (Strip strip : operand.strips()) {
            TensorInfo tensor = strip.tensor();
            long bytes = strip.isTransposed()
                    ? Math.multiplyExact(rowsAtOnce(strip), tensor.rowBytes())
                    : Math.multiplyExact(chunkRows, tensor.type().rowBytes(rowLength));
            most = Math.max(most, bytes);
        }
        return most;
    }

    /** Bytes of rows as floats that are held to be transposed. */
    static long columnBytes(Operand.Assembled operand) {
        return operand.strips().stream()
                .filter(Strip::isTransposed)
                .mapToLong(strip ->
                        Float.BYTES * rowsAtOnce(strip) * strip.tensor().shape().rowLength())
                .max()
                .orElse(0);
    }

    private static long rowsAtOnce(Strip strip) {
        return Math.clamp(
                Chunks.MAX_ELEMENTS / strip.tensor().shape().rowLength(),
                1,
                strip.source().rows());
    }

    /**
     * Reads them.
     *
     * @param packed  room for {@link #packedBytes}
     * @param columns room for {@link #columnBytes}
     * @param target  {@code elementCount} floats, fully overwritten
     */
    void read(MemorySegment packed, MemorySegment columns, MemorySegment target) throws IOException {
        long length = operand.rowLength();
        long first = chunk.firstRow() * (chunk.rowLength() / length);
        long count = chunk.elementCount() / length;
        for (long row = 0; row < count; ) {
            Strip strip = operand.at(first + row);
            long group = strip.wanted().group(first + row);
            long within = strip.wanted().within(first + row);
            long rows = Math.min(count - row, strip.wanted().rows() - within);
            MemorySegment values = target.asSlice(Float.BYTES * length * row, Float.BYTES * length * rows);
            long source = strip.source().begin(group);
            if (strip.isTransposed()) {
                readColumns(strip, source, within, rows, packed, columns, values);
            } else {
                readRows(strip.tensor(), source + within, rows, packed, values);
            }
            row += rows;
        }
    }

    private void readRows(TensorInfo tensor, long first, long count, MemorySegment packed, MemorySegment values)
            throws IOException {
        long rowBytes = tensor.type().rowBytes(operand.rowLength());
        MemorySegment bytes = packed.asSlice(0, Math.multiplyExact(rowBytes, count));
        model.read(tensor, Math.multiplyExact(rowBytes, first), bytes);
        RowCodecs.of(tensor.type()).dequantize(operand.rowLength(), count, bytes, values);
    }

    /** The matrix that the columns are of is read once, some rows at a time. */
    private void readColumns(
            Strip strip,
            long matrix,
            long firstColumn,
            long columnCount,
            MemorySegment packed,
            MemorySegment columns,
            MemorySegment values)
            throws IOException {
        TensorInfo tensor = strip.tensor();
        long width = tensor.shape().rowLength();
        long height = strip.source().rows();
        for (long row = 0; row < height; row += rowsAtOnce(strip)) {
            long count = Math.min(rowsAtOnce(strip), height - row);
            MemorySegment bytes = packed.asSlice(0, tensor.rowBytes() * count);
            model.read(tensor, Math.multiplyExact(tensor.rowBytes(), matrix + row), bytes);
            MemorySegment floats = columns.asSlice(0, Float.BYTES * width * count);
            RowCodecs.of(tensor.type()).dequantize(width, count, bytes, floats);
            for (long column = 0; column < columnCount; column++) {
                for (long i = 0; i < count; i++) {
                    float value = floats.getAtIndex(JAVA_FLOAT, i * width + firstColumn + column);
                    values.setAtIndex(JAVA_FLOAT, column * height + row + i, value);
                }
            }
        }
    }
}
