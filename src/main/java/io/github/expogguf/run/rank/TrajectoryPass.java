package io.github.expogguf.run.rank;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.Workers;
import io.github.expogguf.run.compute.Workspace;
import io.github.expogguf.text.Escape;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * One pass over all checkpoints of a training run: the Gram matrix of every tensor's deltas from the first, and the
 * line that follows from it. Chunks come in any order; their sums are added in the order of the rows, so that the lines
 * do not depend on the threads.
 */
final class TrajectoryPass {

    private final OpenModels models;
    private final List<TensorTask.Extrapolate> tasks;
    private final List<Double> steps;
    private final WorkOptions how;
    private final ProgressMeter meter;
    private final ChunkComputer computer;
    private final List<GramSums> totals;
    private final long[] nextRow;
    private final List<Map<Long, Waiting>> early = new ArrayList<>();

    /** Sums that wait for those of the rows before. */
    private record Waiting(GramSums sums, long rowCount) {}

    private TrajectoryPass(
            OpenModels models,
            Ingredients.Trajectory<SourceModel> run,
            List<TensorTask.Extrapolate> tasks,
            WorkOptions how,
            ProgressMeter meter) {
        this.models = models;
        this.tasks = tasks;
        this.steps = run.laterSteps();
        this.how = how;
        this.meter = meter;
        this.computer = new ChunkComputer(models.inputs());
        this.totals = tasks.stream().map(_ -> GramSums.zero(steps.size())).toList();
        this.nextRow = new long[tasks.size()];
        tasks.forEach(_ -> early.add(new HashMap<>()));
    }

    /** Finds the lines that tasks of one output or several need and that are not there yet. */
    static void run(
            Map<String, TrajectoryFit> found,
            OpenModels models,
            List<List<TensorTask>> outputs,
            WorkOptions how,
            ProgressMeter meter)
            throws IOException {
        List<TensorTask.Extrapolate> tasks = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (TensorTask task : outputs.stream().flatMap(List::stream).toList()) {
            String name = task.aligned().name();
            if (task instanceof TensorTask.Extrapolate predicted
                    && predicted.operands().prediction().isPresent()
                    && !found.containsKey(name)
                    && names.add(name)) {
                tasks.add(predicted);
            }
        }
        if (!tasks.isEmpty()) {
            Ingredients.Trajectory<SourceModel> run =
                    models.ingredients().trajectory().orElseThrow();
            new TrajectoryPass(models, run, tasks, how, meter).run(found);
        }
    }

    /** Bytes of the buffers of one thread beside its workspace. */
    static long memoryBytes(List<TensorTask> tasks) {
        return tasks.stream()
                .filter(TensorTask.Extrapolate.class::isInstance)
                .map(TensorTask.Extrapolate.class::cast)
                .mapToLong(task -> Math.multiplyExact(task.operands().between().size(), floatBytes(task)))
                .max()
                .orElse(0);
    }

    private void run(Map<String, TrajectoryFit> found) throws IOException {
        List<TensorInfo> tensors =
                tasks.stream().map(TensorTask.Extrapolate::aligned).toList();
        meter.begin(
                Progress.Stage.FIT,
                tensors.stream().mapToLong(TensorInfo::byteCount).sum());
        Chunks chunks = new Chunks(tensors);
        Workers.run(how, "expo-fit", workers -> {
            try (Workspace workspace = new Workspace(List.copyOf(tasks));
                    Arena arena = Arena.ofConfined()) {
                long bytes = tasks.stream()
                        .mapToLong(TrajectoryPass::floatBytes)
                        .max()
                        .orElseThrow();
                List<MemorySegment> buffers = IntStream.range(1, steps.size())
                        .mapToObj(_ -> arena.allocate(bytes, Long.BYTES))
                        .toList();
                for (Chunk chunk = chunks.next(); chunk != null && !workers.stopped(); chunk = chunks.next()) {
                    add(chunk, sums(chunk, workspace, buffers));
                    meter.advance(
                            chunk.aligned().name(), chunk.bytes(chunk.aligned().type()));
                }
            }
        });
        for (int i = 0; i < tasks.size(); i++) {
            found.put(tasks.get(i).aligned().name(), fit(i));
        }
    }

    private GramSums sums(Chunk chunk, Workspace workspace, List<MemorySegment> buffers) throws IOException {
        TensorTask.Extrapolate task = tasks.get(chunk.tensor());
        ChunkComputer.Inputs inputs = computer.inputs(chunk, workspace);
        List<Operand> between = task.operands().between();
        List<MemorySegment> later = new ArrayList<>();
        for (int i = 0; i < between.size(); i++) {
            later.add(inputs.floats(between.get(i), task, buffers.get(i)));
        }
        later.add(inputs.alignedFloats(task));
        return GramSums.of(task.operands().parametrisation(), chunk.elementCount(), inputs.sftFloats(task), later);
    }

    private synchronized void add(Chunk chunk, GramSums sums) {
        int tensor = chunk.tensor();
        Map<Long, Waiting> waiting = early.get(tensor);
        waiting.put(chunk.firstRow(), new Waiting(sums, chunk.rowCount()));
        for (Waiting next = waiting.remove(nextRow[tensor]); next != null; next = waiting.remove(nextRow[tensor])) {
            totals.get(tensor).add(next.sums);
            nextRow[tensor] += next.rowCount;
        }
    }

    private TrajectoryFit fit(int tensor) {
        double[][] gram = totals.get(tensor).matrix(steps.size());
        for (int i = 0; i < gram.length; i++) {
            if (!Double.isFinite(gram[i][i])) {
                throw notFinite(tasks.get(tensor), i);
            }
        }
        return TrajectoryLine.of(steps, gram);
    }

    private NonFiniteException notFinite(TensorTask.Extrapolate task, int delta) {
        List<Operand> between = task.operands().between();
        int model = delta < between.size() ? between.get(delta).model() : Operand.ALIGNED;
        return new NonFiniteException(models.inputs().get(model).header().name() + ": tensor "
                + Escape.quote(task.aligned().name())
                + ": the difference from the first checkpoint holds NaN or infinity");
    }

    private static long floatBytes(TensorTask task) {
        long rows = Chunks.rowsAt(task.aligned(), 0);
        return Math.multiplyExact(
                Float.BYTES, Math.multiplyExact(rows, task.aligned().shape().rowLength()));
    }
}
