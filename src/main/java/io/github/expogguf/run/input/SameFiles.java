package io.github.expogguf.run.input;

import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.AdapterChange;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.LowRank;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.plan.task.WholeTensor;
import io.github.expogguf.run.compute.TensorWork;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of the files that tensors are in are among those that an earlier output was made of, for the same purpose, by
 * their digests: of a set of GGUF files the one that has the tensor, of a folder of Hugging Face those that have its
 * values; how these are put together is in the tensor's origin. Of an adapter of PEFT it is all files.
 */
public final class SameFiles {

    private final List<SourceModel> models;
    private final List<List<String>> digests;
    private final List<List<String>> before; // empty where there was no such model

    /**
     * @param models  by the number that operands give them
     * @param digests of their files
     * @param before  what the earlier output was made of
     */
    public SameFiles(List<SourceModel> models, Ingredients<List<String>> digests, Ingredients<RecordedModel> before) {
        this.models = models;
        this.digests = digests.inOrder();
        Map<String, List<String>> recorded = new HashMap<>();
        List<String> roles = before.roles();
        for (int i = 0; i < roles.size(); i++) {
            recorded.put(roles.get(i), before.inOrder().get(i).digests());
        }
        this.before = digests.roles().stream()
                .map(role -> recorded.getOrDefault(role, List.of()))
                .toList();
    }

    /** Whether all values of a task come from the same files. */
    public boolean hasAllOf(TensorTask task) {
        return TensorWork.operands(task).stream().allMatch(this::has);
    }

    private boolean has(Operand operand) {
        return operand.tensors().stream().allMatch(tensor -> has(operand.model(), tensor))
                && !(operand instanceof Operand.Adapted adapted
                        && adapted.changes().stream().anyMatch(change -> !has(change)));
    }

    private boolean has(AdapterChange change) {
        return switch (change) {
            case LowRank product -> has(product.model(), product.left()) && has(product.model(), product.right());
            case WholeTensor whole -> has(whole.model(), whole.tensor());
        };
    }

    private boolean has(int number, TensorInfo tensor) {
        SourceModel model = models.get(number);
        return switch (model) {
            case GgufModel gguf ->
                has(number, List.of(gguf.place(tensor).orElseThrow().file()));
            case ConvertedModel converted -> has(number, converted.files(tensor));
            default -> before.get(number).equals(digests.get(number));
        };
    }

    private boolean has(int number, List<Integer> files) {
        return files.stream()
                .allMatch(
                        file -> before.get(number).contains(digests.get(number).get(file)));
    }
}
