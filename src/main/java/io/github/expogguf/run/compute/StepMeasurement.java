package io.github.expogguf.run.compute;

import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.compare.realised.StepSums;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.plan.metadata.RealisedMetadata;
import io.github.expogguf.plan.task.TensorTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adds up what arrived of the extrapolation in one output. Chunks may come in any order, from any thread; the sums of a
 * tensor are added in the order of its rows, so that they do not depend on that, and what is waiting for its turn is
 * little.
 */
public final class StepMeasurement {

    private final List<TensorTask> tasks;
    private final StepSums[] totals;
    private final long[] nextRow;
    private final List<Map<Long, Waiting>> waiting = new ArrayList<>();

    private record Waiting(StepSums sums, long rowCount) {}

    public StepMeasurement(List<TensorTask> tasks) {
        this.tasks = tasks;
        this.totals = new StepSums[tasks.size()];
        this.nextRow = new long[tasks.size()];
        Arrays.fill(totals, StepSums.NONE);
        tasks.forEach(_ -> waiting.add(new HashMap<>()));
    }

    /** Every chunk of a tensor that is extrapolated has to come once. */
    public synchronized void add(Chunk chunk, StepSums sums) {
        int tensor = chunk.tensor();
        Map<Long, Waiting> early = waiting.get(tensor);
        early.put(chunk.firstRow(), new Waiting(sums, chunk.rowCount()));
        for (Waiting next = early.remove(nextRow[tensor]); next != null; next = early.remove(nextRow[tensor])) {
            addNext(tensor, next.sums);
            nextRow[tensor] += next.rowCount;
        }
    }

    /** Puts what was measured of a whole tensor before in the place of its chunks. */
    public synchronized void set(int tensor, StepSums sums) {
        totals[tensor] = sums;
    }

    /** Adds what comes next of a tensor, whichever rows that are. */
    void addNext(int tensor, StepSums sums) {
        totals[tensor] = totals[tensor].plus(sums);
    }

    /** One for every tensor that was extrapolated, in their order. */
    public List<TensorStep> steps() {
        List<TensorStep> steps = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            step(i).ifPresent(steps::add);
        }
        return steps;
    }

    private Optional<TensorStep> step(int tensor) {
        return tasks.get(tensor) instanceof TensorTask.Extrapolate task
                ? Optional.of(new TensorStep(
                        task.aligned().name(),
                        task.aligned().type(),
                        task.targetType(),
                        task.alpha() == 0 ? 1 : task.alpha(),
                        (double) task.aligned().shape().elementCount() / totals[tensor].elements(),
                        totals[tensor]))
                : Optional.empty();
    }

    /** The metadata of the plan with what was measured. */
    public Metadata record(Metadata metadata) {
        float[] tensors = new float[tasks.size()];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = step(i).flatMap(RealisedAlpha::of)
                    .map(RealisedAlpha::realised)
                    .orElse(Double.NaN)
                    .floatValue();
        }
        Optional<RealisedAlpha> all = RealisedAlpha.of(steps());
        return RealisedMetadata.fillIn(
                metadata,
                all.map(RealisedAlpha::realised).orElse(Double.NaN),
                all.map(RealisedAlpha::standardError).orElse(Double.NaN),
                tensors,
                recordedSums());
    }

    private double[] recordedSums() {
        double[] all = new double[RealisedMetadata.SUMS_OF_TENSOR * totals.length];
        for (int i = 0; i < totals.length; i++) {
            StepSums sums = totals[i];
            double[] numbers = {
                sums.stepSquares(),
                sums.stepAligned(),
                sums.alignedSquares(),
                sums.changeStep(),
                sums.changeAligned(),
                sums.changeSquares()
            };
            System.arraycopy(numbers, 0, all, numbers.length * i, numbers.length);
        }
        return all;
    }

    /**
     * What {@link #record} has recorded of a tensor.
     *
     * @param tensor   its number among those of the checksums
     * @param elements of it
     */
    public static StepSums recorded(double[] sums, int tensor, long elements) {
        int at = RealisedMetadata.SUMS_OF_TENSOR * tensor;
        return new StepSums(elements, sums[at], sums[at + 1], sums[at + 2], sums[at + 3], sums[at + 4], sums[at + 5]);
    }
}
