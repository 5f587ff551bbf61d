package io.github.expogguf.run;

import io.github.expogguf.plan.TensorTask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The buffers of one worker, allocated once and large enough for every chunk of a plan. Used by one thread. */
final class Workspace implements AutoCloseable {

    private static final long ALIGNMENT = 64; // a cache line, and the widest vector

    private final Arena arena = Arena.ofConfined();

    /** Packed rows of the SFT and of the aligned model, and of the output. */
    final MemorySegment sftBytes;

    final MemorySegment alignedBytes;
    final MemorySegment targetBytes;

    /** The same rows as floats; the result replaces the aligned ones. */
    final MemorySegment sftFloats;

    final MemorySegment alignedFloats;

    Workspace(List<TensorTask> tasks) {
        Sizes sizes = Sizes.of(tasks);
        sftBytes = arena.allocate(sizes.packed, ALIGNMENT);
        alignedBytes = arena.allocate(sizes.packed, ALIGNMENT);
        targetBytes = arena.allocate(sizes.packed, ALIGNMENT);
        sftFloats = arena.allocate(sizes.floats, ALIGNMENT);
        alignedFloats = arena.allocate(sizes.floats, ALIGNMENT);
    }

    /** Bytes that a workspace for these tasks takes. */
    static long byteCount(List<TensorTask> tasks) {
        Sizes sizes = Sizes.of(tasks);
        return Math.addExact(Math.multiplyExact(3, sizes.packed), Math.multiplyExact(2, sizes.floats));
    }

    private record Sizes(long packed, long floats) {

        static Sizes of(List<TensorTask> tasks) {
            long packed = ALIGNMENT;
            for (TensorTask task : tasks) {
                long rows = Chunks.rowsAt(task, 0);
                packed = Math.max(packed, rows * widestRowBytes(task));
            }
            return new Sizes(packed, Math.max(ALIGNMENT, Math.multiplyExact(4, Chunks.largest(tasks))));
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
