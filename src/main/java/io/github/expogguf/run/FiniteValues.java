package io.github.expogguf.run;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.TensorTask;
import io.github.expogguf.quant.RowCodecs;
import io.github.expogguf.verify.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/** Looks for infinities and NaN in every tensor that holds weights. */
final class FiniteValues {

    private FiniteValues() {}

    static List<Finding> check(GgufModel model, OutputOptions how) throws IOException {
        List<TensorTask> tasks = new ArrayList<>();
        for (TensorInfo tensor : model.header().tensors()) {
            if (RowCodecs.isSupported(tensor.type())) {
                tasks.add(new TensorTask.Convert(tensor, tensor.type(), false));
            }
        }
        AtomicLongArray bad = new AtomicLongArray(tasks.size());
        ChunkComputer computer = new ChunkComputer(null, model);
        ProgressMeter meter = new ProgressMeter(how.listener());
        meter.begin(Progress.Stage.VERIFY, tasks.stream().mapToLong(TensorTask::targetBytes).sum());
        Chunks chunks = new Chunks(tasks.stream().map(TensorTask::aligned).toList());
        Workers.run(how.threads(), how.cancellation(), "expo-finite", workers -> {
            try (Workspace workspace = new Workspace(tasks)) {
                for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                    TensorTask task = tasks.get(chunk.tensor());
                    bad.addAndGet(chunk.tensor(), computer.inputs(chunk, workspace).count(task).inAligned());
                    meter.advance(chunk.aligned().name(), chunk.bytes(task.targetType()));
                }
            }
        });
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            if (bad.get(i) > 0) {
                TensorInfo tensor = tasks.get(i).aligned();
                findings.add(new Finding(tensor.name(), BadValues.ofThem(bad.get(i), tensor.shape().elementCount())));
            }
        }
        return findings;
    }
}
