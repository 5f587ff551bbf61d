package io.github.expogguf.run.rank;

import io.github.expogguf.gguf.Shape;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.LowRankDeltas;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.Workspace;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The pass over the models before tensors are extrapolated by a delta of low rank. */
final class LowRankPass {

    private LowRankPass() {}

    /** Factors the deltas that tasks of one output or several need and that are not there yet. */
    static void run(
            LowRankDeltas deltas,
            OpenModels models,
            List<List<TensorTask>> outputs,
            WorkOptions how,
            ProgressMeter meter)
            throws IOException {
        List<DeltaFactors.Target> targets = new ArrayList<>();
        Set<List<Object>> known = new HashSet<>();
        for (TensorTask task : outputs.stream().flatMap(List::stream).toList()) {
            String name = task.aligned().name();
            if (task instanceof TensorTask.Extrapolate pair
                    && pair.operands().rank() > 0
                    && !deltas.has(name, pair.operands().rank())
                    && known.add(List.of(name, pair.operands().rank()))) {
                targets.add(new DeltaFactors.Target(pair, pair.operands().rank()));
            }
        }
        if (!targets.isEmpty()) {
            new DeltaFactors(models, targets, how, meter).run((target, matrix, factors) -> {
                String name = targets.get(target).task().aligned().name();
                deltas.put(name, factors.rank(), matrix, factors.left(), factors.right());
            });
        }
    }

    /** Bytes of the file that the factors of one output lie in. */
    static long fileBytes(List<TensorTask> tasks) {
        long bytes = 0;
        for (TensorTask task : tasks) {
            if (task instanceof TensorTask.Extrapolate pair && pair.operands().rank() > 0) {
                Shape shape = pair.aligned().shape();
                long elements = shape.dimension(2) * (shape.dimension(1) + shape.rowLength());
                bytes += Float.BYTES * pair.operands().rank() * elements;
            }
        }
        return bytes;
    }

    /** Bytes of the largest matrix's factors while they are computed, and of the buffers, for one thread. */
    static long memoryBytes(List<TensorTask> tasks) {
        long largest = 0;
        for (TensorTask task : tasks) {
            if (task instanceof TensorTask.Extrapolate pair && pair.operands().rank() > 0) {
                largest = Math.max(
                        largest,
                        LowRankApproximation.memoryBytes(
                                pair.aligned().shape().dimension(1),
                                pair.aligned().shape().rowLength(),
                                pair.operands().rank()));
            }
        }
        return Math.addExact(largest, Workspace.byteCount(tasks));
    }
}
