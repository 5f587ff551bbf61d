package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.TokenRows;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Puts the rows of another vocabulary into the order of the aligned model's tokens. */
final class MatchedRows {

    private final SourceModel model;
    private final Operand.Matched operand;
    private final Chunk chunk;

    MatchedRows(SourceModel model, Operand.Matched operand, Chunk chunk) {
        this.model = model;
        this.operand = operand;
        this.chunk = chunk;
    }

    /**
     * Reads them.
     *
     * @param packed  room for the rows of a chunk
     * @param aligned the chunk in the aligned model, which tokens keep that are not in the other one
     * @param target  {@code elementCount} floats, fully overwritten
     */
    void read(MemorySegment packed, MemorySegment aligned, MemorySegment target) throws IOException {
        if (operand.tensor().shape().rank() == 1) {
            readVector(aligned, target);
            return;
        }
        for (long row = 0; row < chunk.rowCount(); ) {
            long count = consecutive(row);
            readRows(row, count, packed, aligned, target);
            row += count;
        }
    }

    /** How many rows from one on stand together in the other model, too, or are in the aligned model alone. */
    private long consecutive(long row) {
        long first = source(row);
        long count = 1;
        while (row + count < chunk.rowCount()
                && source(row + count) == (first == TokenRows.NONE ? TokenRows.NONE : first + count)) {
            count++;
        }
        return count;
    }

    private void readRows(long row, long count, MemorySegment packed, MemorySegment aligned, MemorySegment target)
            throws IOException {
        TensorInfo tensor = operand.tensor();
        long offset = Float.BYTES * chunk.rowLength() * row;
        MemorySegment values = target.asSlice(offset, Float.BYTES * chunk.rowLength() * count);
        long source = source(row);
        if (source == TokenRows.NONE) {
            values.copyFrom(aligned.asSlice(offset, values.byteSize()));
            return;
        }
        MemorySegment bytes = packed.asSlice(0, tensor.rowBytes() * count);
        model.read(tensor, tensor.rowBytes() * source, bytes);
        RowCodecs.of(tensor.type()).dequantize(chunk.rowLength(), count, bytes, values);
    }

    private long source(long row) {
        return within(
                operand.rows().of(chunk.firstRow() + row),
                operand.tensor().shape().rowCount());
    }

    /** The bias of the output: one row, a value for each token. */
    private void readVector(MemorySegment aligned, MemorySegment target) throws IOException {
        TensorInfo tensor = operand.tensor();
        long length = tensor.shape().rowLength();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(tensor.rowBytes());
            MemorySegment values = arena.allocate(Float.BYTES * length, Float.BYTES);
            model.read(tensor, 0, bytes);
            RowCodec codec = RowCodecs.of(tensor.type());
            codec.dequantize(length, 1, bytes, values);
            for (long token = 0; token < chunk.rowLength(); token++) {
                long source = within(operand.rows().of(token), length);
                MemorySegment from = source == TokenRows.NONE ? aligned : values;
                long at = source == TokenRows.NONE ? token : source;
                MemorySegment.copy(from, Float.BYTES * at, target, Float.BYTES * token, Float.BYTES);
            }
        }
    }

    /** A list of tokens may be longer than the tensor. */
    private static long within(long row, long count) {
        return row < count ? row : TokenRows.NONE;
    }
}
