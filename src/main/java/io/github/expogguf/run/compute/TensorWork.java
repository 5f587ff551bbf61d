package io.github.expogguf.run.compute;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.Operands;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.RowCodecs;
import java.util.ArrayList;
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

    /**
     * Refuses, before anything is written, what there is no codec for.
     *
     * @throws io.github.expogguf.NativeLibraryException if a type needs llama.cpp's libraries and there are none
     */
    public static void requireCodecs(List<TensorTask> tasks) {
        for (TensorTask task : tasks) {
            if (task instanceof TensorTask.Copy) {
                continue;
            }
            RowCodecs.of(task.targetType());
            RowCodecs.of(task.aligned().type());
            operands(task).stream()
                    .flatMap(operand -> operand.tensors().stream())
                    .forEach(tensor -> RowCodecs.of(tensor.type()));
        }
    }

    /** All that the values of a task come from, of every model; the aligned model's first. */
    public static List<Operand> operands(TensorTask task) {
        List<Operand> operands = new ArrayList<>(List.of(task.source()));
        if (task instanceof TensorTask.Extrapolate pair) {
            operands.add(pair.operands().sft());
            for (Operands.Delta delta : pair.operands().further()) {
                operands.addAll(List.of(delta.sft(), delta.aligned()));
            }
            operands.addAll(pair.operands().between());
        }
        return operands;
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
