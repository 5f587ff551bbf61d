package io.github.expogguf.plan.task;

import io.github.expogguf.extrapolate.Parametrisation;
import java.util.List;
import java.util.Objects;

/**
 * The values that an extrapolated tensor is computed from.
 *
 * @param sft             of the SFT model
 * @param aligned         of the aligned model
 * @param further         differences that are added with weights of their own, in this order
 * @param parametrisation how all of these values follow from the parameters that were trained
 * @param rank            of {@code aligned - sft}, matrix by matrix, only the best approximation of this rank is
 *                        extrapolated; 0 for all of it
 */
public record Operands(Operand sft, Operand aligned, List<Delta> further, Parametrisation parametrisation, int rank) {

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
        this(sft, aligned, further, parametrisation, 0);
    }

    /**
     * {@return the same values, extrapolated by the part of a rank}
     *
     * @param rank as {@link #rank} has it
     */
    public Operands withRank(int rank) {
        return new Operands(sft, aligned, further, parametrisation, rank);
    }

    /** Copies the list. */
    public Operands {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(further, "further");
        Objects.requireNonNull(parametrisation, "parametrisation");
        further = List.copyOf(further);
        if (rank < 0 || (rank > 0 && parametrisation != Parametrisation.IDENTITY)) {
            throw new IllegalArgumentException("rank " + rank + " of values that are " + parametrisation);
        }
    }

    /** {@return whether both sides are rows of files, in whatever layout, and there is nothing else} */
    public boolean areRowsOfFiles() {
        return isOfFile(sft) && isOfFile(aligned) && further.isEmpty();
    }

    private static boolean isOfFile(Operand operand) {
        return switch (operand) {
            case Operand.Rows _, Operand.Assembled _ -> true;
            case Operand.Matched _, Operand.Adapted _ -> false;
        };
    }
}
