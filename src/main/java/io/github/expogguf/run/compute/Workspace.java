package io.github.expogguf.run.compute;

import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The buffers of one worker, allocated once and large enough for every chunk of some tasks. Used by one thread. */
public final class Workspace implements AutoCloseable {

    private static final long ALIGNMENT = 64; // a cache line, and the widest vector

    private final Arena arena = Arena.ofConfined();

    /** Packed rows of any model on their way to floats, of the aligned model, and of an output. */
    final MemorySegment packedBytes;

    final MemorySegment alignedBytes;
    public final MemorySegment targetBytes;

    /** The same rows as floats. */
    final MemorySegment sftFloats;

    final MemorySegment alignedFloats;
    final MemorySegment resultFloats;

    /** The two sides of a further difference, the second also of a checkpoint; empty where no task has any. */
    final MemorySegment furtherSftFloats;

    final MemorySegment furtherAlignedFloats;

    /** What of an output's rows is left after quantizing, as floats. */
    final MemorySegment writtenFloats;

    /** Rows that are transposed, as floats; empty where no task has them. */
    final MemorySegment columnFloats;

    /** Applies adapters; keeps a factor of each on the heap. */
    final AdapterRows adapters = new AdapterRows();

    /** Extrapolates by deltas of low rank; keeps a factor on the heap. */
    final LowRankStep lowRank = new LowRankStep();

    public Workspace(List<TensorTask> tasks) {
        Sizes sizes = Sizes.of(tasks);
        try {
            packedBytes = arena.allocate(sizes.packed, ALIGNMENT);
            alignedBytes = arena.allocate(sizes.packed, ALIGNMENT);
            targetBytes = arena.allocate(sizes.packed, ALIGNMENT);
            sftFloats = arena.allocate(sizes.floats, ALIGNMENT);
            alignedFloats = arena.allocate(sizes.floats, ALIGNMENT);
            resultFloats = arena.allocate(sizes.floats, ALIGNMENT);
            furtherSftFloats = arena.allocate(sizes.further, ALIGNMENT);
            furtherAlignedFloats = arena.allocate(sizes.further, ALIGNMENT);
            writtenFloats = arena.allocate(sizes.floats, ALIGNMENT);
            columnFloats = arena.allocate(sizes.columns, ALIGNMENT);
        } catch (Throwable e) { // not enough memory
            arena.close();
            throw e;
        }
    }

    /** Bytes that a workspace for these tasks takes. */
    public static long byteCount(List<TensorTask> tasks) {
        Sizes sizes = Sizes.of(tasks);
        long always = Math.addExact(Math.multiplyExact(3, sizes.packed), Math.multiplyExact(4, sizes.floats));
        return Math.addExact(
                Math.addExact(always, Math.addExact(sizes.columns, Math.multiplyExact(2, sizes.further))),
                tasks.stream()
                        .mapToLong(task -> AdapterRows.byteCount(task) + LowRankStep.byteCount(task))
                        .max()
                        .orElse(0));
    }

    private record Sizes(long packed, long floats, long further, long columns) {

        static Sizes of(List<TensorTask> tasks) {
            long packed = ALIGNMENT;
            long floats = ALIGNMENT;
            long further = 0;
            long columns = 0;
            for (TensorTask task : tasks) {
                long rows = Chunks.rowsAt(task.aligned(), 0);
                long rowLength = task.aligned().shape().rowLength();
                packed =
                        Math.max(packed, Math.multiplyExact(rows, task.aligned().rowBytes()));
                packed = Math.max(
                        packed, Math.multiplyExact(rows, task.targetType().rowBytes(rowLength)));
                long elements = Math.multiplyExact(rows, rowLength);
                floats = Math.max(floats, Math.multiplyExact(Float.BYTES, elements));
                for (Operand operand : TensorWork.operands(task)) {
                    packed = Math.max(packed, packedBytes(operand, rows, rowLength));
                    if (operand instanceof Operand.Assembled assembled) {
                        columns = Math.max(columns, AssembledRows.columnBytes(assembled));
                    }
                }
                if (task instanceof TensorTask.Extrapolate pair
                        && !(pair.operands().further().isEmpty()
                                && pair.operands().prediction().isEmpty())) {
                    further = Math.max(further, Math.multiplyExact(Float.BYTES, elements));
                }
            }
            return new Sizes(packed, floats, further, columns);
        }

        private static long packedBytes(Operand operand, long rows, long rowLength) {
            return operand instanceof Operand.Assembled assembled
                    ? AssembledRows.packedBytes(assembled, rows, rowLength)
                    : Math.multiplyExact(rows, operand.tensor().rowBytes());
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
