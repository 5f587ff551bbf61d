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
 */
public record Operands(Operand sft, Operand aligned, List<Delta> further, Parametrisation parametrisation) {

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

    /** Copies the list. */
    public Operands {
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(further, "further");
        Objects.requireNonNull(parametrisation, "parametrisation");
        further = List.copyOf(further);
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
