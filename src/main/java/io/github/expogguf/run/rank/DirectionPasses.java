package io.github.expogguf.run.rank;

import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;

/** The passes over the models before tensors are extrapolated: one where deltas have a rank, one along checkpoints. */
public final class DirectionPasses {

    private DirectionPasses() {}

    /**
     * What computes the chunks of the outputs, after the passes that they need and that were not made yet.
     *
     * @param directions found before, to which is added
     */
    public static ChunkComputer computer(
            FirstDirections directions,
            OpenModels models,
            List<List<TensorTask>> outputs,
            WorkOptions how,
            ProgressMeter meter)
            throws IOException {
        LowRankPass.run(directions.deltas(), models, outputs, how, meter);
        TrajectoryPass.run(directions, models, outputs, how, meter);
        return new ChunkComputer(models.inputs(), directions);
    }

    /** Bytes that one thread needs at most, buffers included. */
    public static long memoryBytes(List<TensorTask> tasks) {
        return Math.addExact(LowRankPass.memoryBytes(tasks), TrajectoryPass.memoryBytes(tasks));
    }
}
