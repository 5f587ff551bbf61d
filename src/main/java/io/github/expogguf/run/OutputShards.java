package io.github.expogguf.run;

import io.github.expogguf.GgufFormatException;
import io.github.expogguf.gguf.HeaderTooLargeException;
import io.github.expogguf.gguf.Shards;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.work.OutputOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which tensors of an output go into which of its files. */
final class OutputShards {

    private OutputShards() {}

    /**
     * The files of one output.
     *
     * @param aligned whose files a set that is kept has
     * @throws GgufFormatException if a header would be larger than it may
     */
    static Shards of(SourceModel aligned, Plan plan, Path output, OutputOptions how) {
        try {
            List<TensorSpec> tensors =
                    plan.tasks().stream().map(OpenModels::spec).toList();
            if (how.splitMaxBytes().isPresent()) {
                return Shards.ofMaxBytes(
                        output, plan.metadata(), tensors, how.splitMaxBytes().getAsLong());
            }
            if (how.keepSplit()) {
                return Shards.ofTensorCounts(output, plan.metadata(), tensors, keptCounts(aligned, plan));
            }
            return Shards.single(output, plan.metadata(), tensors);
        } catch (HeaderTooLargeException tooLarge) { // the models' own headers are just small enough
            throw new GgufFormatException(
                    aligned.sources().getFirst().path(), -1, "with what the output adds: " + tooLarge.getMessage());
        }
    }

    /** Tensors of each file of the aligned model that are in the output, for every file with any. */
    private static List<Integer> keptCounts(SourceModel aligned, Plan plan) {
        Set<String> kept =
                plan.tasks().stream().map(task -> task.aligned().name()).collect(Collectors.toSet());
        List<Integer> counts = aligned.ggufFiles().stream()
                .map(file -> (int) file.tensors().stream()
                        .filter(tensor -> kept.contains(tensor.name()))
                        .count())
                .toList();
        List<Integer> filled = counts.stream().filter(count -> count > 0).toList();
        return plan.options().dropMtp() && !filled.isEmpty() ? filled : counts;
    }
}
