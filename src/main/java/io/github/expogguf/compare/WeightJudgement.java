package io.github.expogguf.compare;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Whether two models look like one before and one after alignment, told from their weights. */
final class WeightJudgement {

    /** Models of the same training stay close to 1; models that share no weights are close to 0. */
    private static final double MIN_COSINE = 0.9;

    /** Alignment moves the weights by thousandths of their norm; instruction tuning of a base model by hundredths. */
    private static final double MAX_RELATIVE_NORM = 0.1;

    /** Share of the delta's energy that may be rounding before it is worth a warning. */
    private static final double MAX_NOISE_SHARE = 0.25;

    /** Less than half the rounding is none: the one model was trained from the values of the other's file. */
    private static final double TOO_NOISY = 4;

    /** Share of the weights' norm that no type but F32 can hold as a step. */
    private static final double NOTHING = 1e-6;

    private final Metadata sft;
    private final Metadata aligned;
    private final List<TensorDelta> tensors;
    private final boolean sampled;
    private final boolean ordered;
    private final DeltaSums total;
    private final double noise;
    private final List<Remark> remarks = new ArrayList<>();

    /**
     * Of a pair with weights to compare.
     *
     * @param tensors at least one
     * @param sampled whether the numbers are estimates from some of the rows
     * @param ordered whether the weights have the same order in both
     */
    WeightJudgement(Metadata sft, Metadata aligned, List<TensorDelta> tensors, boolean sampled, boolean ordered) {
        this.sft = sft;
        this.aligned = aligned;
        this.tensors = tensors;
        this.sampled = sampled;
        this.ordered = ordered;
        this.total = TensorDelta.total(tensors);
        this.noise = TensorDelta.noise(tensors);
    }

    /** What should make somebody doubt, and what the types of the inputs mean for it. */
    List<Remark> remarks() {
        if (!Double.isFinite(total.deltaSquares())) {
            add(Weight.WRONG, "the weights hold NaN or infinity");
            return remarks;
        }
        if (total.changed() == 0) {
            add(
                    Weight.WRONG,
                    sampled
                            ? "a sample of the weights is the same in both: there may be nothing to extrapolate"
                            : "the weights are the same in both: there is nothing to extrapolate");
            return remarks;
        }
        if (isOneModel()) {
            noiseRemark().ifPresent(remarks::add);
            return remarks;
        }
        DeltaSums trained = withoutRounding();
        if (trained.cosine() < MIN_COSINE) {
            add(
                    Weight.WRONG,
                    "unrelated: the weights point in different directions (cosine " + Numbers.fixed(trained.cosine(), 3)
                            + ", of a pair close to 1); the two did not start from the same weights");
        } else if (trained.relativeNorm() > MAX_RELATIVE_NORM) {
            add(
                    Weight.WARNING,
                    "far apart: the delta is " + percent(trained.relativeNorm())
                            + " of the SFT model's norm, much more than alignment changes; from a base model to its SFT model"
                            + " extrapolation is known to collapse");
        }
        noiseRemark().ifPresent(remarks::add);
        trainedTypes();
        return remarks;
    }

    /** How many tensors are the same in both, where not all are. */
    Optional<Remark> sameTensors() {
        long same =
                tensors.stream().filter(tensor -> tensor.sums().changed() == 0).count();
        return same == 0 || same == tensors.size()
                ? Optional.empty()
                : Optional.of(
                        new Remark(Weight.NOTE, same + " of " + tensors.size() + " tensors are the same in both"));
    }

    /** That nothing speaks against the pair. */
    Remark plausible() {
        return new Remark(
                Weight.NOTE,
                "plausible: " + percent(total.relativeNorm())
                        + " of the SFT model's norm lie between them, as after alignment");
    }

    /**
     * What is left when the rounding of the inputs is taken to have made up all that it can; coarse files of one model
     * differ, too.
     */
    private DeltaSums withoutRounding() {
        double rounding = noise * noise * total.elements();
        double delta = Math.max(0, total.deltaSquares() - rounding);
        double product = total.product() + (total.deltaSquares() - delta) / 2; // |a - b|^2 = |a|^2 + |b|^2 - 2 ab
        return new DeltaSums(
                total.elements(),
                total.changed(),
                total.sftSquares(),
                total.alignedSquares(),
                delta,
                product,
                total.maxDelta());
    }

    /** Whether there is a difference, and all of it is rounding. */
    boolean isOneModel() {
        boolean isNothing = total.relativeNorm() < NOTHING
                && tensors.stream()
                        .anyMatch(tensor ->
                                tensor.sft().type() != tensor.aligned().type());
        return total.changed() > 0 && (isNothing || (ordered && isNoisy() && noiseShare() < TOO_NOISY));
    }

    private double noiseShare() {
        return Math.pow(noise / total.deltaRms(), 2);
    }

    private boolean isNoisy() {
        return Double.isFinite(noiseShare()) && noiseShare() > MAX_NOISE_SHARE;
    }

    /** That much of the difference may be rounding, or all of it is. */
    Optional<Remark> noiseRemark() {
        if (isOneModel()) {
            return Optional.of(new Remark(
                    Weight.WRONG,
                    "one model in two types: what differs is rounding, which turned no two weights round, as training"
                            + " does; there is nothing to extrapolate"));
        }
        double share = noiseShare();
        return isNoisy()
                ? InputNoise.of(tensors)
                        .map(most -> new Remark(
                                most.weight(),
                                "noisy: rounding to " + most.type() + " may make up "
                                        + (share >= 1 ? "all" : percent(share)) + " of the difference; "
                                        + most.remedy()))
                : Optional.empty();
    }

    /** Weights that are taken as exact although their type is a quantized one. */
    private void trainedTypes() {
        TreeSet<GgmlType> types = new TreeSet<>();
        for (TensorDelta tensor : tensors) {
            if (TrainedTypes.isTrained(sft, tensor.sft())) {
                types.add(tensor.sft().type());
            }
            if (TrainedTypes.isTrained(aligned, tensor.aligned())) {
                types.add(tensor.aligned().type());
            }
        }
        types.forEach(type -> add(
                Weight.NOTE,
                "weights in " + type
                        + " are taken as trained in it, not as rounded; a step smaller than its levels cannot be"
                        + " written in it"));
    }

    private void add(Weight weight, String text) {
        remarks.add(new Remark(weight, text));
    }

    private static String percent(double share) {
        return Numbers.percent(share, share < 0.001 ? 3 : share < 0.1 ? 2 : 0);
    }
}
