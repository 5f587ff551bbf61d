package io.github.expogguf.run;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.extrapolate.Extrapolation;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.TensorTask;
import io.github.expogguf.quant.Finite;
import io.github.expogguf.quant.RowCodec;
import io.github.expogguf.quant.RowCodecs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Computes chunks: read, dequantize, extrapolate, quantize. Holds no state of its own; each worker brings its workspace. */
final class ChunkComputer {

    private final GgufModel sft; // null where no task extrapolates
    private final GgufModel aligned;
    private final ImportanceTable importance;

    ChunkComputer(GgufModel sft, GgufModel aligned, ImportanceTable importance) {
        this.sft = sft;
        this.aligned = aligned;
        this.importance = importance;
    }

    /**
     * Computes a chunk.
     *
     * @return the rows as they are in the output, in the workspace until its next use
     * @throws BadChunkException if an input or the result holds NaN or infinity
     */
    MemorySegment compute(Chunk chunk, Workspace workspace) throws IOException {
        return switch (chunk.task()) {
            case TensorTask.Copy copy -> read(aligned, copy.aligned(), chunk, workspace.alignedBytes);
            case TensorTask.Convert convert -> {
                MemorySegment values = toFloats(
                        aligned, convert.aligned(), chunk, workspace.alignedBytes, workspace.alignedFloats);
                yield quantize(chunk, values, workspace);
            }
            case TensorTask.Extrapolate extrapolate -> {
                MemorySegment from =
                        toFloats(sft, extrapolate.sft(), chunk, workspace.sftBytes, workspace.sftFloats);
                MemorySegment values = toFloats(
                        aligned, extrapolate.aligned(), chunk, workspace.alignedBytes, workspace.alignedFloats);
                new Extrapolation(extrapolate.alpha()).kernel().extrapolate(chunk.elementCount(), from, values, values);
                yield quantize(chunk, values, workspace);
            }
        };
    }

    private static MemorySegment read(GgufModel model, TensorInfo tensor, Chunk chunk, MemorySegment buffer)
            throws IOException {
        long rowBytes = tensor.rowBytes();
        MemorySegment bytes = buffer.asSlice(0, rowBytes * chunk.rowCount());
        model.read(tensor, rowBytes * chunk.firstRow(), bytes);
        return bytes;
    }

    /** Counts the infinities and NaN of a chunk; the long way, taken when {@link #compute} met one. */
    BadValues count(Chunk chunk, Workspace workspace) throws IOException {
        TensorInfo tensor = chunk.task().aligned();
        MemorySegment values = toFloats(aligned, tensor, chunk, workspace.alignedBytes, workspace.alignedFloats);
        long elements = chunk.elementCount();
        long inAligned = Finite.countNonFinite(values, elements);
        if (!(chunk.task() instanceof TensorTask.Extrapolate extrapolate)) {
            return new BadValues(0, inAligned, inAligned);
        }
        MemorySegment from = toFloats(sft, extrapolate.sft(), chunk, workspace.sftBytes, workspace.sftFloats);
        long inSft = Finite.countNonFinite(from, elements);
        new Extrapolation(extrapolate.alpha()).kernel().extrapolate(elements, from, values, values);
        return new BadValues(inSft, inAligned, Finite.countNonFinite(values, elements));
    }

    private static MemorySegment toFloats(
            GgufModel model, TensorInfo tensor, Chunk chunk, MemorySegment buffer, MemorySegment floats)
            throws IOException {
        MemorySegment bytes = read(model, tensor, chunk, buffer);
        MemorySegment values = floats.asSlice(0, 4 * chunk.elementCount());
        RowCodecs.of(tensor.type()).dequantize(chunk.rowLength(), chunk.rowCount(), bytes, values);
        return values;
    }

    /** The codec refuses infinities and NaN; one in an input leaves one in the result, so this is the only look that it takes. */
    private MemorySegment quantize(Chunk chunk, MemorySegment values, Workspace workspace) {
        MemorySegment target = workspace.targetBytes.asSlice(0, chunk.targetBytes());
        RowCodec codec = RowCodecs.of(chunk.task().targetType());
        try {
            codec.quantize(chunk.rowLength(), chunk.rowCount(), values, importance.of(chunk), target);
        } catch (NonFiniteException e) {
            throw new BadChunkException(chunk, e.getMessage());
        }
        return target;
    }
}
