package io.github.expogguf.run.compute;

import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.plan.task.ModelPair;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorOperands;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Measures how two models differ that need not be a pair: as far as their tensors match and can be read. */
public final class PairMeasurement {

    private final OpenModels models;
    private final SourceModel sft;
    private final SourceModel aligned;
    private final OptionalLong sampled;
    private final Set<String> accepted;
    private final WorkOptions how;

    /**
     * Checks that there are two models.
     *
     * @param sampled  about how many elements of each tensor to read; empty for all
     * @param accepted keys of hyper-parameters that may differ
     */
    public PairMeasurement(OpenModels models, OptionalLong sampled, Set<String> accepted, WorkOptions how) {
        this.models = models;
        this.sft = models.sft().orElseThrow(() -> new IllegalStateException("there is no SFT model to compare with"));
        this.aligned = models.aligned();
        this.sampled = sampled;
        this.accepted = accepted;
        this.how = how;
    }

    public PairComparison run() throws IOException {
        List<String> differences = Pairing.differences(
                sft.header(), aligned.header(), accepted, models.pair().tokens());
        List<String> notes = new ArrayList<>();
        boolean isWhole = sampled.isEmpty(); // whoever samples has a plan, which says what becomes of them
        if (isWhole) {
            notes.addAll(Pairing.notes(sft.header(), aligned.header(), accepted));
        }
        return models.watching(() -> {
            models.checkAdapters(how);
            ConstantComparison constants = ConstantComparison.of(sft, aligned);
            if (isWhole) {
                notes.addAll(constants.notes());
            }
            PairScan scan = new PairScan(models, tasks(constants.same()), sampled, how);
            List<TensorDelta> deltas = scan.run();
            return new PairComparison(
                    sft.header(),
                    aligned.header(),
                    differences,
                    notes,
                    deltas,
                    sampled.isPresent(),
                    scan.isOrderKept());
        });
    }

    /**
     * What is compared.
     *
     * @param constants left out: they are no weights, and the 1e30 that Gemma 4 has for dimensions without a rotation
     *                  would be all of a model's norm
     */
    private List<TensorTask.Extrapolate> tasks(Set<String> constants) {
        ModelPair pair = models.pair();
        TensorOperands found = TensorOperands.of(pair.models().withDeltas(List.of()), Set.of(), pair.tokens());
        return aligned.header().tensors().stream()
                .filter(tensor -> !constants.contains(tensor.name()))
                .flatMap(tensor -> found
                        .of(tensor)
                        .filter(operands -> isComparable(operands.sft(), tensor))
                        .map(operands -> new TensorTask.Extrapolate(operands, 1, tensor.type(), false))
                        .stream())
                .toList();
    }

    private static boolean isComparable(Operand sft, TensorInfo aligned) {
        return sft.tensors().stream().allMatch(tensor -> WeightTypes.isSupported(tensor.type()))
                && WeightTypes.isSupported(aligned.type());
    }
}
