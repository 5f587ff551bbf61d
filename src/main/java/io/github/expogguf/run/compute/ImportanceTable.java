package io.github.expogguf.run.compute;

import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.task.TensorTask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The importance of every tensor that uses it, off-heap, shared by all workers. */
public final class ImportanceTable {

    private final Map<String, MemorySegment> weights = new HashMap<>();

    public ImportanceTable(Optional<Imatrix> imatrix, List<TensorTask> tasks, Arena arena) {
        for (TensorTask task : tasks) {
            if (task.usesImportance() && !weights.containsKey(task.aligned().name())) {
                String name = task.aligned().name();
                float[] values = imatrix.orElseThrow().weights(name).orElseThrow();
                weights.put(name, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
            }
        }
    }

    /** Weights of the columns of a chunk whose tensor uses them, {@code rowLength} floats. */
    MemorySegment of(Chunk chunk) {
        MemorySegment all = Objects.requireNonNull(weights.get(chunk.aligned().name()), "the tensor uses none");
        long bytes = 4 * chunk.rowLength();
        long matrices = all.byteSize() / bytes;
        return all.asSlice(chunk.matrix() % matrices * bytes, bytes);
    }
}
