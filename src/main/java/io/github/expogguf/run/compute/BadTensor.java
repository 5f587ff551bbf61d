package io.github.expogguf.run.compute;

import io.github.expogguf.NonFiniteException;
import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Words;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Says what is wrong with a tensor after a worker met a bad chunk: the long way, through all of it. */
final class BadTensor {

    private static final int SHOWN = 3;

    private BadTensor() {}

    /** Counts over the tensor of a chunk, and says it. */
    static NonFiniteException explain(
            BadChunkException found, ChunkComputer computer, String sftName, String alignedName) throws IOException {
        TensorTask task = found.task();
        BadValues total = countTensor(task, computer);
        long elements = task.aligned().shape().elementCount();
        String tensor = ": tensor '" + task.aligned().name() + "': ";
        if (total.inSft() > 0) {
            return new NonFiniteException(sftName + inSft(task) + inInput(total.inSft(), elements, task));
        }
        if (total.inAligned() > 0) {
            return new NonFiniteException(alignedName + tensor + inInput(total.inAligned(), elements, task));
        }
        if (total.inResult() > 0 && task instanceof TensorTask.Extrapolate extrapolate) {
            return new NonFiniteException(alignedName + tensor + BadValues.ofThem(total.inResult(), elements)
                    + " after extrapolation with alpha " + extrapolate.alpha()
                    + (extrapolate.operands().further().isEmpty() ? "" : " and the further deltas"));
        }
        return new NonFiniteException(
                alignedName + tensor + "the result does not fit into " + task.targetType() + ": " + found.getMessage());
    }

    /** Another name than the aligned model's, or several, where the layouts differ. */
    private static String inSft(TensorTask task) {
        List<TensorInfo> tensors = task instanceof TensorTask.Extrapolate extrapolate
                ? extrapolate.operands().sft().tensors()
                : List.of(task.aligned());
        String names = tensors.stream()
                .limit(SHOWN)
                .map(tensor -> "'" + tensor.name() + "'")
                .collect(Collectors.joining(", "));
        String more = tensors.size() > SHOWN ? " and " + (tensors.size() - SHOWN) + " more" : "";
        return ": " + Words.noun(tensors.size(), "tensor") + " " + names + more + ": ";
    }

    private static String inInput(long bad, long elements, TensorTask task) {
        Parametrisation function = task instanceof TensorTask.Extrapolate extrapolate
                ? extrapolate.operands().parametrisation()
                : Parametrisation.IDENTITY;
        return function == Parametrisation.IDENTITY
                ? BadValues.ofThem(bad, elements)
                : bad + " of " + elements + " values are not " + function.words()
                        + " of any p, as the converter writes it;" + " the tensor cannot be extrapolated";
    }

    private static BadValues countTensor(TensorTask task, ChunkComputer computer) throws IOException {
        BadValues total = new BadValues(0, 0, 0);
        Chunks chunks = new Chunks(List.of(task.aligned()));
        try (Workspace workspace = new Workspace(List.of(task))) {
            for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                total = total.plus(computer.inputs(chunk, workspace).count(task));
            }
        }
        return total;
    }
}
