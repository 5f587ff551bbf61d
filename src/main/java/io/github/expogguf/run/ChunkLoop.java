package io.github.expogguf.run;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.TensorTask;
import java.io.IOException;
import java.util.List;

/** Computes every chunk of a list of tasks on worker threads and hands it on. */
final class ChunkLoop {

    private final ChunkComputer computer;
    private final OutputOptions how;
    private final ProgressMeter meter;

    ChunkLoop(ChunkComputer computer, OutputOptions how, ProgressMeter meter) {
        this.computer = computer;
        this.how = how;
        this.meter = meter;
    }

    /**
     * Runs to the end.
     *
     * @param plan where the tasks come from, for messages
     * @throws io.github.expogguf.NonFiniteException if a tensor or a result holds NaN or infinity
     */
    void run(Plan plan, List<TensorTask> tasks, ChunkSink sink) throws IOException {
        meter.begin(Progress.Stage.EXTRAPOLATE, inputBytes(tasks));
        Chunks chunks = new Chunks(tasks);
        try {
            Workers.run(how.threads(), how.cancellation(), "expo-worker", workers -> {
                try (Workspace workspace = new Workspace(tasks)) {
                    for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                        sink.accept(chunk, computer.compute(chunk, workspace));
                        TensorTask task = chunk.task();
                        meter.advance(task.aligned().name(), task.aligned().rowBytes() * chunk.rowCount());
                    }
                }
            });
        } catch (BadChunkException e) {
            String sftName = plan.sft().map(ModelHeader::name).orElse("");
            throw BadValues.explain(e, computer, sftName, plan.aligned().name());
        }
    }

    private static long inputBytes(List<TensorTask> tasks) {
        return tasks.stream().mapToLong(task -> task.aligned().byteCount()).sum();
    }
}
