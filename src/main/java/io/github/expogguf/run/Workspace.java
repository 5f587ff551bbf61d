package io.github.expogguf.run;

import io.github.expogguf.plan.TensorTask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The buffers of one worker, allocated once and large enough for every chunk of some tasks. Used by one thread. */
final class Workspace implements AutoCloseable {

    private static final long ALIGNMENT = 64; // a cache line, and the widest vector

    private final Arena arena = Arena.ofConfined();

    /** Packed rows of the SFT and of the aligned model, and of an output. */
    final MemorySegment sftBytes;

    final MemorySegment alignedBytes;
    final MemorySegment targetBytes;

    /** The same rows as floats. */
    final MemorySegment sftFloats;

    final MemorySegment alignedFloats;
    final MemorySegment resultFloats;

    Workspace(List<TensorTask> tasks) {
        Sizes sizes = Sizes.of(tasks);
        try {
            sftBytes = arena.allocate(sizes.packed, ALIGNMENT);
            alignedBytes = arena.allocate(sizes.packed, ALIGNMENT);
            targetBytes = arena.allocate(sizes.packed, ALIGNMENT);
            sftFloats = arena.allocate(sizes.floats, ALIGNMENT);
            alignedFloats = arena.allocate(sizes.floats, ALIGNMENT);
            resultFloats = arena.allocate(sizes.floats, ALIGNMENT);
        } catch (Throwable e) { // not enough memory
            arena.close();
            throw e;
        }
    }

    /** Bytes that a workspace for these tasks takes. */
    static long byteCount(List<TensorTask> tasks) {
        Sizes sizes = Sizes.of(tasks);
        return Math.multiplyExact(3, Math.addExact(sizes.packed, sizes.floats));
    }

    private record Sizes(long packed, long floats) {

        static Sizes of(List<TensorTask> tasks) {
            long packed = ALIGNMENT;
            long floats = ALIGNMENT;
            for (TensorTask task : tasks) {
                long rows = Chunks.rowsAt(task.aligned(), 0);
                packed = Math.max(packed, Math.multiplyExact(rows, widestRowBytes(task)));
                long elements = Math.multiplyExact(rows, task.aligned().shape().rowLength());
                floats = Math.max(floats, Math.multiplyExact(Float.BYTES, elements));
            }
            return new Sizes(packed, floats);
        }

        private static long widestRowBytes(TensorTask task) {
            long widest = Math.max(
                    task.aligned().rowBytes(),
                    task.targetType().rowBytes(task.aligned().shape().rowLength()));
            return task instanceof TensorTask.Extrapolate extrapolate
                    ? Math.max(widest, extrapolate.sft().rowBytes())
                    : widest;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
