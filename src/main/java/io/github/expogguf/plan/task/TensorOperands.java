package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.plan.pair.TokenMatches;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Roles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Finds what each tensor of the aligned model is computed from. Pure: no I/O; any thread. */
public final class TensorOperands {

    private final Counterparts sft;
    private final List<Map<String, AdapterChange>> adapters = new ArrayList<>();
    private final List<Ingredients.Delta<Counterparts>> deltas = new ArrayList<>();
    private final List<Counterparts> between = new ArrayList<>();

    /** A model and the number that operands give it. */
    private record Input(int number, ModelFiles model) {

        ModelHeader header() {
            return model.header();
        }

        Counterparts of(ModelHeader aligned, TokenMatches known) {
            return Counterparts.of(number, header(), aligned, known);
        }
    }

    private TensorOperands(Counterparts sft) {
        this.sft = sft;
    }

    /**
     * For models that need not be a pair; adapters, deltas and checkpoints between are checked.
     *
     * @param models the opened models, by what they are for
     * @return the operands of every tensor of the aligned model
     * @throws io.github.expogguf.ModelMismatchException   if an adapter or a model of a delta does not match the
     *                                                     aligned model
     * @throws io.github.expogguf.UnsupportedTypeException if a tensor of an adapter cannot be read
     * @throws java.util.NoSuchElementException            if there is no SFT model
     */
    public static TensorOperands of(Ingredients<ModelFiles> models) {
        return of(models, Set.of(), new TokenMatches());
    }

    /**
     * Same, with hyper-parameters that checkpoints, and the models of a delta, may have different values of.
     *
     * @param models   the opened models, by what they are for
     * @param accepted keys as they stand in the files
     * @param known    what is known of their vocabularies
     * @return the operands of every tensor of the aligned model
     */
    @SuppressWarnings("exports") // for what plans
    public static TensorOperands of(Ingredients<ModelFiles> models, Set<String> accepted, TokenMatches known) {
        Objects.requireNonNull(models, "models");
        Elements.require(accepted, "accepted");
        Objects.requireNonNull(known, "known");
        AtomicInteger number = new AtomicInteger();
        Ingredients<Input> inputs = models.map(model -> new Input(number.getAndIncrement(), model));
        ModelHeader aligned = inputs.aligned().header();
        TensorOperands operands = new TensorOperands(inputs.sft().orElseThrow().of(aligned, known));
        for (Ingredients.Adapter<Input> adapter : inputs.adapters()) {
            Input input = adapter.model();
            operands.adapters.add(LoraAdapter.changes(input.number, input.header(), adapter.weight(), aligned));
        }
        for (Ingredients.Delta<Input> delta : inputs.deltas()) {
            Pairing.check(delta.sft().header(), aligned, accepted, known);
            Pairing.check(delta.aligned().header(), aligned, accepted, known);
            Counterparts from = delta.sft().of(aligned, known);
            Counterparts to = delta.aligned().of(aligned, known);
            operands.deltas.add(new Ingredients.Delta<>(from.where(to), to.where(from), delta.weight()));
        }
        for (Ingredients.Checkpoint<Input> checkpoint : inputs.between()) {
            Roles roles =
                    new Roles("the checkpoint of step " + Numbers.brief(checkpoint.step()), "the last checkpoint");
            Pairing.check(checkpoint.model().header(), aligned, accepted, known, roles);
            operands.between.add(checkpoint.model().of(aligned, known));
        }
        return operands;
    }

    /**
     * Empty if a checkpoint between the first and the last has no tensor that fits.
     *
     * @param aligned a tensor of the aligned model
     * @return its values in each of these checkpoints, by their steps; none of a pair
     */
    public Optional<List<Operand>> between(TensorInfo aligned) {
        Objects.requireNonNull(aligned, "aligned");
        List<Operand> found =
                between.stream().flatMap(model -> model.of(aligned).stream()).toList();
        return found.size() == between.size() ? Optional.of(found) : Optional.empty();
    }

    /**
     * Empty if the SFT model, or a model of a delta, has no tensor that fits.
     *
     * @param aligned a tensor of the aligned model
     * @return the operands of every tensor of the aligned model
     */
    public Optional<Operands> of(TensorInfo aligned) {
        Objects.requireNonNull(aligned, "aligned");
        Optional<Operand> from = sft.of(aligned);
        List<Operands.Delta> further = new ArrayList<>();
        for (Ingredients.Delta<Counterparts> delta : deltas) {
            Optional<Operand> minus = delta.sft().of(aligned);
            Optional<Operand> plus = delta.aligned().of(aligned);
            if (minus.isEmpty() || plus.isEmpty()) {
                return Optional.empty();
            }
            further.add(new Operands.Delta(minus.get(), plus.get(), delta.weight()));
        }
        return from.map(operand -> new Operands(operand, aligned(aligned), further));
    }

    /**
     * {@return whether an adapter changes a tensor of the aligned model}
     *
     * @param tensor a tensor of the aligned model
     */
    public boolean isAdapted(TensorInfo tensor) {
        Objects.requireNonNull(tensor, "tensor");
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
