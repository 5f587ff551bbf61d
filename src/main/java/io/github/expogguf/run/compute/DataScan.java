package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One pass over the data of a file: the checksum of every tensor, and the infinities and NaN in those that hold
 * weights.
 */
public final class DataScan {

    private final List<TensorTask> tasks;
    private final int[] checksums; // one per chunk
    private final AtomicLongArray bad; // one per tensor

    private DataScan(List<TensorTask> tasks, List<TensorInfo> tensors) {
        this.tasks = tasks;
        this.checksums = new int[Chunks.count(tensors)];
        this.bad = new AtomicLongArray(tensors.size());
    }

    public static DataScan of(SourceModel model, WorkOptions how) throws IOException {
        List<TensorInfo> tensors = model.header().tensors();
        DataScan scan = new DataScan(tensors.stream().map(DataScan::task).toList(), tensors);
        scan.run(model, how);
        return scan;
    }

    /** Types that cannot be turned into floats, integers above all, are read only. */
    private static TensorTask task(TensorInfo tensor) {
        return WeightTypes.isSupported(tensor.type())
                ? new TensorTask.Convert(tensor, tensor.type(), false)
                : new TensorTask.Copy(tensor, "not weights");
    }

    private void run(SourceModel model, WorkOptions how) throws IOException {
        ChunkComputer computer = new ChunkComputer(List.of(model));
        ProgressMeter meter = new ProgressMeter(how.listener());
        meter.begin(
                Progress.Stage.VERIFY,
                tasks.stream().mapToLong(TensorTask::targetBytes).sum());
        Chunks chunks = new Chunks(model.header().tensors());
        Workers.run(how, "expo-scan", workers -> {
            try (Workspace workspace = new Workspace(tasks)) {
                for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                    TensorTask task = tasks.get(chunk.tensor());
                    ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace);
                    MemorySegment bytes = inputs.alignedBytes();
                    checksums[chunk.index()] = Crc32c.of(bytes);
                    if (task instanceof TensorTask.Convert) {
                        bad.addAndGet(chunk.tensor(), inputs.count(task).inAligned());
                    }
                    meter.advance(chunk.aligned().name(), bytes.byteSize());
                }
            }
        });
    }

    /** CRC-32C of every tensor's data, by name. */
    public Map<String, Integer> checksums() {
        Map<String, Integer> combined = new LinkedHashMap<>();
        Chunks chunks = new Chunks(tasks.stream().map(TensorTask::aligned).toList());
        for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            int before = combined.getOrDefault(chunk.aligned().name(), 0);
            long bytes = chunk.bytes(chunk.aligned().type());
            combined.put(chunk.aligned().name(), Crc32c.combine(before, checksums[chunk.index()], bytes));
        }
        return combined;
    }

    /** A tensor with values that are infinite or NaN, and how many of them. */
    public record NonFinite(String tensor, String problem) {}

    /** Tensors with values that are infinite or NaN. */
    public List<NonFinite> nonFinite() {
        List<NonFinite> found = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            if (bad.get(i) > 0) {
                TensorInfo tensor = tasks.get(i).aligned();
                found.add(new NonFinite(
                        tensor.name(),
                        BadValues.ofThem(bad.get(i), tensor.shape().elementCount())));
            }
        }
        return found;
    }
}
