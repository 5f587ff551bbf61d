package io.github.expogguf.run.rank;

import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
        TrajectoryPass.run(models.fits(), models, outputs, how, meter);
        return new ChunkComputer(models.inputs(), directions);
    }

    /** The line of every tensor of a plan that is predicted, by name and in their order. */
    public static Map<String, TrajectoryFit> fit(
            OpenModels models, List<TensorTask> tasks, WorkOptions how, ProgressMeter meter) throws IOException {
        TrajectoryPass.run(models.fits(), models, List.of(tasks), how, meter);
        return fits(models, tasks);
    }

    /** The same of tensors whose lines were found. */
    public static Map<String, TrajectoryFit> fits(OpenModels models, List<TensorTask> tasks) {
        Map<String, TrajectoryFit> fits = new LinkedHashMap<>();
        for (TensorTask task : tasks) {
            if (task instanceof TensorTask.Extrapolate predicted
                    && predicted.operands().prediction().isPresent()) {
                String name = task.aligned().name();
                fits.put(name, Objects.requireNonNull(models.fits().get(name)));
            }
        }
        return fits;
    }

    /** Bytes of the temporary file of one output; 0 if there is none. */
    public static long temporaryBytes(List<TensorTask> tasks) {
        return LowRankPass.fileBytes(tasks);
    }

    /** Bytes that one thread needs at most, buffers included. */
    public static long memoryBytes(List<TensorTask> tasks) {
        return Math.addExact(LowRankPass.memoryBytes(tasks), TrajectoryPass.memoryBytes(tasks));
    }
}
