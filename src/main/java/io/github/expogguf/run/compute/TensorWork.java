package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.RowCodecs;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What is done to the tensors for one output, a file or a model in memory.
 *
 * @param tasks      one for every tensor of the aligned model, in its order
 * @param importance the weights that the tasks use
 */
public record TensorWork(List<TensorTask> tasks, ImportanceTable importance) {

    public void announce() {
        announce(tasks);
    }

    /** Tells the codecs how much is to be quantized. */
    public static void announce(List<TensorTask> tasks) {
        for (boolean usesImportance : new boolean[] {false, true}) {
            Map<GgmlType, Long> elements = new EnumMap<>(GgmlType.class);
            tasks.stream()
                    .filter(task -> !(task instanceof TensorTask.Copy) && task.usesImportance() == usesImportance)
                    .forEach(task -> elements.merge(
                            task.targetType(), task.aligned().shape().elementCount(), Long::sum));
            elements.forEach((type, count) -> RowCodecs.of(type).expect(count, usesImportance));
        }
    }
}
