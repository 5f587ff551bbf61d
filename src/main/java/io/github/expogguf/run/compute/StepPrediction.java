package io.github.expogguf.run.compute;

import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.TreeMap;

/**
 * Computes some rows of every tensor of a plan, as a run would, and measures what arrives of the extrapolation in them.
 */
public final class StepPrediction {

    private final ChunkComputer computer;
    private final Plan plan;
    private final WorkOptions how;

    /** @param computer with the factors of the tasks that have a rank */
    public StepPrediction(ChunkComputer computer, Plan plan, WorkOptions how) {
        this.computer = computer;
        this.plan = plan;
        this.how = how;
    }

    private record Measured(int tensor, StepSums sums) {}

    /** One for every tensor that is extrapolated, in their order; the same for any number of threads. */
    public List<TensorStep> run(long elementsPerTensor) throws IOException {
        List<TensorTask> tasks = plan.tasks();
        Chunk.Source chunks =
                new RowSample(tasks.stream().map(TensorTask::aligned).toList(), elementsPerTensor);
        TreeMap<Integer, Measured> measured = new TreeMap<>(); // by the number of the chunk
        try (Arena arena = Arena.ofShared()) {
            TensorWork output =
                    new TensorWork(tasks, new ImportanceTable(plan.options().imatrix(), tasks, arena));
            Workers.run(how, "expo-predict", workers -> {
                try (Workspace workspace = new Workspace(tasks)) {
                    for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                        if (tasks.get(chunk.tensor()) instanceof TensorTask.Extrapolate task) {
                            ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace);
                            MemorySegment bytes = inputs.compute(task, output);
                            Measured part = new Measured(chunk.tensor(), inputs.measure(task, bytes));
                            synchronized (measured) {
                                measured.put(chunk.index(), part);
                            }
                        }
                    }
                }
            });
        } catch (BadChunkException e) {
            String sftName = plan.sft().map(ModelHeader::name).orElse("");
            throw BadTensor.explain(e, computer, sftName, plan.aligned().name());
        }
        StepMeasurement all = new StepMeasurement(tasks);
        measured.values().forEach(part -> all.addNext(part.tensor, part.sums));
        return all.steps();
    }
}
