package io.github.expogguf.plan.task;

import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The values that an extrapolated tensor is computed from.
 *
 * @param sft             of the SFT model
 * @param aligned         of the aligned model
 * @param further         differences that are added with weights of their own, in this order
 * @param parametrisation how all of these values follow from the parameters that were trained
 * @param rank            of {@code aligned - sft}, matrix by matrix, only the best approximation of this rank is
 *                        extrapolated; 0 for all of it
 * @param prediction      where the models are checkpoints of a training run, what is extrapolated is {@code predicted -
 *                        aligned} instead; empty for a pair
 */
public record Operands(
        Operand sft,
        Operand aligned,
        List<Delta> further,
        Parametrisation parametrisation,
        int rank,
        Optional<Prediction> prediction) {

    /**
     * A step of the training run that is predicted.
     *
     * @param between the values in the checkpoints between the SFT model, the first, and the aligned model, the last
     * @param step    finite
     */
    public record Prediction(List<Operand> between, double step) {
        /** Copies the list. */
        public Prediction {
            Elements.require(between, "between");
            between = Elements.copy(between, "between");
            Numbers.requireFinite(step, "step");
        }
    }

    /**
     * A further difference, {@code weight * (aligned - sft)}.
     *
     * @param sft     what is subtracted
     * @param aligned what it is subtracted from
     * @param weight  finite
     */
    public record Delta(Operand sft, Operand aligned, float weight) {
        /** Refuses null. */
        public Delta {
            Objects.requireNonNull(sft, "sft");
            Objects.requireNonNull(aligned, "aligned");
        }
    }

    /**
     * Values that are the trained parameters themselves.
     *
     * @param sft     values before alignment
     * @param aligned values after alignment
     * @param further further differences, in the order in which they are added
     */
    public Operands(Operand sft, Operand aligned, List<Delta> further) {
        this(sft, aligned, further, Parametrisation.IDENTITY);
    }

    /**
     * Values whose whole difference is extrapolated.
     *
     * @param sft             values before alignment
     * @param aligned         values after alignment
     * @param further         further differences, in the order in which they are added
     * @param parametrisation how the values follow from the trained parameters
     */
    public Operands(Operand sft, Operand aligned, List<Delta> further, Parametrisation parametrisation) {
        this(sft, aligned, further, parametrisation, 0, Optional.empty());
    }

    /**
     * {@return the same values, extrapolated by the part of a rank}
     *
     * @param rank as {@link #rank} has it
     */
    public Operands withRank(int rank) {
        return new Operands(sft, aligned, further, parametrisation, rank, prediction);
    }

    /**
     * {@return the same values, of a training run}
     *
     * @param prediction as {@link #prediction} has it
     */
    public Operands withPrediction(Prediction prediction) {
        Objects.requireNonNull(prediction, "prediction");
        return new Operands(sft, aligned, further, parametrisation, rank, Optional.of(prediction));
    }

    /**
     * {@return the same values, which follow from the trained parameters in this way}
     *
     * @param parametrisation as {@link #parametrisation} has it
     */
    public Operands withParametrisation(Parametrisation parametrisation) {
        Objects.requireNonNull(parametrisation, "parametrisation");
        return new Operands(sft, aligned, further, parametrisation, rank, prediction);
    }

    /** {@return the values in the checkpoints between the first and the last; none of a pair} */
    public List<Operand> between() {
        return prediction.map(Prediction::between).orElse(List.of());
    }

    /** Copies the list. */
    public Operands {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(parametrisation, "parametrisation");
        Objects.requireNonNull(prediction, "prediction");
        further = Elements.copy(further, "further");
        if (rank > 0 && prediction.isPresent()) {
            throw new IllegalArgumentException("rank " + rank + " of a delta that is predicted");
        }
        if (rank < 0 || (rank > 0 && parametrisation != Parametrisation.IDENTITY)) {
            throw new IllegalArgumentException("rank " + rank + " of values that are " + parametrisation);
        }
    }

    /** {@return whether all sides are rows of files, in whatever layout, and there is nothing else} */
    public boolean areRowsOfFiles() {
        return isOfFile(sft)
                && isOfFile(aligned)
                && between().stream().allMatch(Operands::isOfFile)
                && further.isEmpty();
    }

    private static boolean isOfFile(Operand operand) {
        return switch (operand) {
            case Operand.Rows _, Operand.Assembled _ -> true;
            case Operand.Matched _, Operand.Adapted _ -> false;
        };
    }
}
