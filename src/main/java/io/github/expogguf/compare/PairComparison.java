package io.github.expogguf.compare;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.pair.Pairing;
import io.github.expogguf.plan.pair.VocabularyDifference;
import io.github.expogguf.text.Elements;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How two models differ.
 *
 * @param sft         the model that should be the one before alignment
 * @param aligned     the model that should be the one after
 * @param differences what keeps them from being a pair, a line each; {@link Pairing#differences}
 * @param notes       what does not keep them from it and is worth knowing, a line each; {@link Pairing#notes}
 * @param tensors     every tensor that both have in the same shape and that holds weights, in the order of the aligned
 *                    model; not the frequencies of rotations and other constants, unless they differ
 * @param sampled     whether the numbers are estimates from some of the rows
 * @param ordered     whether no two weights that share a scale are turned round between the two: rounding keeps their
 *                    order, and a step of training does not
 */
public record PairComparison(
        ModelHeader sft,
        ModelHeader aligned,
        List<String> differences,
        List<String> notes,
        List<TensorDelta> tensors,
        boolean sampled,
        boolean ordered) {

    /** Copies the lists. */
    public PairComparison {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        differences = Elements.copy(differences, "differences");
        notes = Elements.copy(notes, "notes");
        tensors = Elements.copy(tensors, "tensors");
    }

    /** {@return the sums over all tensors} */
    public DeltaSums total() {
        return TensorDelta.total(tensors);
    }

    /** {@return the root mean square of the rounding of the inputs in all deltas, at most} */
    public double noise() {
        return TensorDelta.noise(tensors);
    }

    /**
     * {@return those of the tensors that training may have changed: without the factors of rotations and others that
     * are computed from the configuration}
     */
    public List<TensorDelta> trainable() {
        Set<String> constants = Pairing.constants(sft, aligned).stream()
                .map(constant -> constant.aligned().name())
                .collect(Collectors.toSet());
        if (constants.isEmpty()) {
            return tensors;
        }
        return tensors.stream()
                .filter(tensor -> !constants.contains(tensor.name()))
                .toList();
    }

    /** {@return what that says of the pair; never empty} */
    public List<Remark> remarks() {
        List<Remark> remarks = new ArrayList<>();
        differences.forEach(difference -> remarks.add(new Remark(Weight.WRONG, "not a pair: " + difference)));
        if (trainable().isEmpty()) {
            remarks.add(withoutWeights());
            return remarks;
        }
        remarks.addAll(doubts());
        judgement().sameTensors().ifPresent(remarks::add);
        if (remarks.stream().allMatch(remark -> remark.weight() == Weight.NOTE)) {
            remarks.addFirst(judgement().plausible());
        }
        return remarks;
    }

    /**
     * {@return the short form: what somebody should hear who is about to extrapolate a pair that planning accepts}
     * Empty where there is nothing to be said.
     */
    public List<Remark> doubts() {
        List<Remark> remarks = new ArrayList<>(
                trainable().isEmpty() ? List.of(withoutWeights()) : judgement().remarks());
        notes.forEach(note -> remarks.add(new Remark(Weight.NOTE, note)));
        remarks.addAll(new MetadataJudgement(sft, aligned).remarks());
        return remarks;
    }

    /** {@return the one of {@link #doubts} that tells how much of the difference is, or may be, rounding} */
    public Optional<Remark> noiseDoubt() {
        return trainable().isEmpty() ? Optional.empty() : judgement().noiseRemark();
    }

    /** {@return whether the two are one model in different types, so that all of their difference is rounding} */
    public boolean isOneModel() {
        return !trainable().isEmpty() && judgement().isOneModel();
    }

    /**
     * {@return the part of {@link #doubts} that tells whether weights can be subtracted: what their values say, and
     * that they are of other tokens} What is said of a result is left out.
     */
    public List<Remark> weightDoubts() {
        List<Remark> remarks = new ArrayList<>(
                trainable().isEmpty() ? List.of(withoutWeights()) : judgement().remarks());
        VocabularyDifference.of(sft, aligned)
                .ifPresent(vocabulary ->
                        remarks.add(new Remark(Weight.NOTE, vocabulary.lines().getFirst())));
        return remarks;
    }

    private WeightJudgement judgement() {
        return new WeightJudgement(sft.metadata(), aligned.metadata(), trainable(), sampled, ordered);
    }

    private Remark withoutWeights() {
        return new Remark(
                Weight.WRONG,
                aligned.tensors().isEmpty()
                        ? "the aligned model has no tensors: there is nothing to extrapolate"
                        : "no tensor of the two has the same name and shape");
    }
}
