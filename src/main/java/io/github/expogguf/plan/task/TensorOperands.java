package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Pairing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds what each tensor of the aligned model is computed from. Pure: no I/O; any thread. */
public final class TensorOperands {

    private final Counterparts sft;
    private final List<Map<String, AdapterChange>> adapters = new ArrayList<>();
    private final List<DeltaPair> deltas = new ArrayList<>();

    private record DeltaPair(Counterparts sft, Counterparts aligned, float weight) {}

    private TensorOperands(Counterparts sft) {
        this.sft = sft;
    }

    /**
     * For models that need not be a pair; adapters and deltas are checked.
     *
     * @throws io.github.expogguf.ModelMismatchException   if an adapter or a model of a delta does not match the
     *                                                     aligned model
     * @throws io.github.expogguf.UnsupportedTypeException if a tensor of an adapter cannot be read
     */
    public static TensorOperands of(ModelHeader sft, ModelHeader aligned, FurtherInputs further) {
        return of(sft, aligned, further, Set.of());
    }

    /**
     * Same, with hyper-parameters that the models of a delta may have different values of.
     *
     * @param accepted keys as they stand in the files
     */
    public static TensorOperands of(ModelHeader sft, ModelHeader aligned, FurtherInputs further, Set<String> accepted) {
        TensorOperands operands = new TensorOperands(Counterparts.of(Operand.SFT, sft, aligned));
        for (int i = 0; i < further.adapters().size(); i++) {
            operands.adapters.add(LoraAdapter.changes(
                    FurtherInputs.FIRST + i, further.adapters().get(i), aligned));
        }
        for (int i = 0; i < further.deltas().size(); i++) {
            FurtherInputs.Delta delta = further.deltas().get(i);
            Pairing.check(delta.sft().header(), aligned, accepted);
            Pairing.check(delta.aligned().header(), aligned, accepted);
            int number = further.numberOfDelta(i);
            Counterparts from = Counterparts.of(number, delta.sft().header(), aligned);
            Counterparts to = Counterparts.of(number + 1, delta.aligned().header(), aligned);
            operands.deltas.add(new DeltaPair(from.where(to), to.where(from), delta.weight()));
        }
        return operands;
    }

    /** Empty if the SFT model, or a model of a delta, has no tensor that fits. */
    public Optional<Operands> of(TensorInfo aligned) {
        Optional<Operand> from = sft.of(aligned);
        List<Operands.Delta> further = new ArrayList<>();
        for (DeltaPair delta : deltas) {
            Optional<Operand> minus = delta.sft.of(aligned);
            Optional<Operand> plus = delta.aligned.of(aligned);
            if (minus.isEmpty() || plus.isEmpty()) {
                return Optional.empty();
            }
            further.add(new Operands.Delta(minus.get(), plus.get(), delta.weight));
        }
        return from.map(operand -> new Operands(operand, aligned(aligned), further));
    }

    /** Whether an adapter changes a tensor of the aligned model. */
    public boolean isAdapted(TensorInfo tensor) {
        return aligned(tensor) instanceof Operand.Adapted;
    }

    private Operand aligned(TensorInfo tensor) {
        List<AdapterChange> changes = adapters.stream()
                .filter(adapter -> adapter.containsKey(tensor.name()))
                .map(adapter -> adapter.get(tensor.name()))
                .toList();
        return changes.isEmpty()
                ? new Operand.Rows(Operand.ALIGNED, tensor)
                : new Operand.Adapted(Operand.ALIGNED, tensor, changes);
    }
}
