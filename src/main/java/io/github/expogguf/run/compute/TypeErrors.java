package io.github.expogguf.run.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What quantizing to several types changes in some rows of every tensor: the rows are computed as a run would,
 * quantized to each type, dequantized and compared. The error of a tensor is the sum of the squares of the changes by
 * that of the values, each column weighed by its importance where there is an importance matrix that says anything of
 * them: one of zeros only would make every type as good as any other.
 */
public final class TypeErrors {

    private final ChunkComputer computer;
    private final List<Plan> plans;
    private final WorkOptions how;

    /**
     * @param computer with the factors of the tasks that have a rank
     * @param plans    of the same models, which give the tensors other types
     */
    public TypeErrors(ChunkComputer computer, List<Plan> plans, WorkOptions how) {
        this.computer = computer;
        this.plans = plans;
        this.how = how;
    }

    /** Of some rows: squares of the values, and of the changes by type. */
    private record Sums(double values, Map<GgmlType, Double> changes) {

        Sums plus(Sums other) {
            Map<GgmlType, Double> sum = new EnumMap<>(changes);
            other.changes.forEach((type, change) -> sum.merge(type, change, Double::sum));
            return new Sums(values + other.values, sum);
        }
    }

    /**
     * Measures.
     *
     * @param elements most elements of a tensor, roughly
     * @param tensors  numbers of those to measure
     * @return of each the error by type; 0 in every type for a tensor of zeros; the same for any number of threads
     */
    public ErrorTable run(long elements, Set<Integer> tensors) throws IOException {
        List<TensorTask> tasks = plans.getFirst().tasks();
        RowSample sample = new RowSample(tasks.stream().map(TensorTask::aligned).toList(), elements);
        ProgressMeter meter = new ProgressMeter(how.listener());
        meter.begin(
                Progress.Stage.MEASURE,
                sample.all().stream()
                        .filter(chunk -> tensors.contains(chunk.tensor()))
                        .mapToLong(TypeErrors::bytes)
                        .sum());
        TreeMap<Integer, Map.Entry<Integer, Sums>> measured = new TreeMap<>(); // by the number of the chunk
        try (Arena arena = Arena.ofShared()) {
            List<TensorWork> outputs = new ArrayList<>();
            for (Plan plan : plans) {
                outputs.add(new TensorWork(
                        plan.tasks(), new ImportanceTable(plan.options().imatrix(), plan.tasks(), arena)));
            }
            List<TensorTask> all =
                    plans.stream().flatMap(plan -> plan.tasks().stream()).toList();
            Workers.run(how, "expo-errors", workers -> {
                try (Workspace workspace = new Workspace(all)) {
                    for (Chunk chunk = sample.next(); chunk != null && !workers.stopped(); chunk = sample.next()) {
                        if (tensors.contains(chunk.tensor())) {
                            Sums sums = sums(computer.inputs(chunk, workspace), chunk, outputs);
                            synchronized (measured) {
                                measured.put(chunk.index(), Map.entry(chunk.tensor(), sums));
                            }
                            meter.advance(chunk.aligned().name(), bytes(chunk));
                        }
                    }
                }
            });
        } catch (BadChunkException e) {
            Plan plan = plans.getFirst();
            String sftName = plan.sft().map(ModelHeader::name).orElse("");
            throw BadTensor.explain(e, computer, sftName, plan.aligned().name());
        }
        Map<Integer, Sums> byTensor = new TreeMap<>();
        measured.values().forEach(part -> byTensor.merge(part.getKey(), part.getValue(), Sums::plus));
        Map<Integer, Map<GgmlType, Double>> errors = new TreeMap<>();
        byTensor.forEach((tensor, sums) -> {
            Map<GgmlType, Double> relative = new EnumMap<>(GgmlType.class);
            sums.changes.forEach((type, change) -> relative.put(type, sums.values == 0 ? 0 : change / sums.values));
            errors.put(tensor, relative);
        });
        return new ErrorTable(errors);
    }

    private static long bytes(Chunk chunk) {
        return chunk.bytes(chunk.aligned().type());
    }

    private static Sums sums(ChunkComputer.Inputs inputs, Chunk chunk, List<TensorWork> outputs) throws IOException {
        MemorySegment importance = outputs.stream()
                .filter(output -> output.tasks().get(chunk.tensor()).usesImportance())
                .findFirst()
                .map(output -> output.importance().of(chunk))
                .filter(TypeErrors::isTelling)
                .orElse(MemorySegment.NULL);
        Map<GgmlType, Double> changes = new EnumMap<>(GgmlType.class);
        double values = 0;
        for (TensorWork output : outputs) {
            TensorTask task = output.tasks().get(chunk.tensor());
            if (!changes.containsKey(task.targetType())) {
                MemorySegment bytes = inputs.compute(task, output);
                MemorySegment wanted = inputs.values(task);
                changes.put(task.targetType(), squares(chunk, importance, wanted, inputs.written(task, bytes)));
                values = squares(chunk, importance, wanted, MemorySegment.NULL);
            }
        }
        return new Sums(values, changes);
    }

    private static boolean isTelling(MemorySegment importance) {
        for (long i = 0; i < importance.byteSize() / Float.BYTES; i++) {
            if (importance.getAtIndex(JAVA_FLOAT, i) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Of the differences, or of the values themselves where there is nothing to subtract. */
    private static double squares(Chunk chunk, MemorySegment importance, MemorySegment values, MemorySegment other) {
        double sum = 0;
        for (long i = 0; i < chunk.elementCount(); i++) {
            double value = values.getAtIndex(JAVA_FLOAT, i);
            double difference = other.equals(MemorySegment.NULL) ? value : value - other.getAtIndex(JAVA_FLOAT, i);
            double weight = importance.equals(MemorySegment.NULL)
                    ? 1
                    : importance.getAtIndex(JAVA_FLOAT, i % chunk.rowLength());
            sum += weight * difference * difference;
        }
        return sum;
    }
}
