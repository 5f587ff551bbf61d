package io.github.expogguf.plan.task;

import io.github.expogguf.extrapolate.Parametrisation;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.Rounding;
import java.util.List;
import java.util.Objects;

/** What happens to one tensor of the aligned model. */
public sealed interface TensorTask {

    /** {@return the tensor in the aligned model; the output has the same name and shape} */
    TensorInfo aligned();

    /** {@return the type in the output} */
    GgmlType targetType();

    /** {@return bytes in the output, without padding} */
    default long targetBytes() {
        return Math.multiplyExact(
                targetType().rowBytes(aligned().shape().rowLength()),
                aligned().shape().rowCount());
    }

    /** {@return where the values of the aligned model come from} */
    default Operand source() {
        return new Operand.Rows(Operand.ALIGNED, aligned());
    }

    /** {@return whether an importance matrix weighs the columns} */
    boolean usesImportance();

    /**
     * The bytes of the aligned model as they are.
     *
     * @param aligned the tensor in the aligned model
     * @param reason  why, for people: "alpha is 0", "integer tensor"
     */
    record Copy(TensorInfo aligned, String reason) implements TensorTask {
        /** Refuses null. */
        public Copy {
            Objects.requireNonNull(aligned, "aligned");
            Objects.requireNonNull(reason, "reason");
        }

        @Override
        public GgmlType targetType() {
            return aligned.type();
        }

        @Override
        public boolean usesImportance() {
            return false;
        }
    }

    /**
     * The values of the aligned model in another type.
     *
     * @param aligned        the tensor in the aligned model
     * @param targetType     type of the tensor in the output
     * @param usesImportance whether the importance matrix weighs the errors of quantizing
     */
    record Convert(TensorInfo aligned, GgmlType targetType, boolean usesImportance) implements TensorTask {
        /** Refuses null. */
        public Convert {
            Objects.requireNonNull(aligned, "aligned");
            Objects.requireNonNull(targetType, "targetType");
        }
    }

    /**
     * {@code aligned + alpha * (aligned - sft)}, or {@code aligned + alpha * (predicted - aligned)}, and the further
     * differences, in the target type.
     *
     * @param operands       where the values come from
     * @param alpha          weight of the delta in this tensor
     * @param targetType     type of the tensor in the output
     * @param usesImportance whether the importance matrix weighs the errors of quantizing
     * @param rounding       to the target type
     */
    record Extrapolate(Operands operands, float alpha, GgmlType targetType, boolean usesImportance, Rounding rounding)
            implements TensorTask {
        /** Refuses null. */
        public Extrapolate {
            Objects.requireNonNull(operands, "operands");
            Objects.requireNonNull(targetType, "targetType");
            Objects.requireNonNull(rounding, "rounding");
        }

        /**
         * A task that rounds to nearest.
         *
         * @param operands       where the values come from
         * @param alpha          weight of the delta in this tensor
         * @param targetType     type of the tensor in the output
         * @param usesImportance whether the importance matrix weighs the errors of quantizing
         */
        public Extrapolate(Operands operands, float alpha, GgmlType targetType, boolean usesImportance) {
            this(operands, alpha, targetType, usesImportance, Rounding.NEAREST);
        }

        /**
         * A task whose values are the rows of two files.
         *
         * @param sft            the tensor of the SFT model
         * @param aligned        the tensor in the aligned model
         * @param alpha          weight of the delta in this tensor
         * @param targetType     type of the tensor in the output
         * @param usesImportance whether the importance matrix weighs the errors of quantizing
         */
        public Extrapolate(
                TensorInfo sft, TensorInfo aligned, float alpha, GgmlType targetType, boolean usesImportance) {
            this(
                    new Operands(
                            new Operand.Rows(Operand.SFT, Objects.requireNonNull(sft, "sft")),
                            new Operand.Rows(Operand.ALIGNED, Objects.requireNonNull(aligned, "aligned")),
                            List.of()),
                    alpha,
                    targetType,
                    usesImportance);
        }

        /**
         * {@return the task for values that follow from the trained parameters in this way}
         *
         * @param parametrisation how the stored values follow from the trained ones
         */
        public Extrapolate with(Parametrisation parametrisation) {
            Objects.requireNonNull(parametrisation, "parametrisation");
            Operands parametrised = operands.withParametrisation(parametrisation);
            return new Extrapolate(parametrised, alpha, targetType, usesImportance, rounding);
        }

        /** {@return the tensor in the SFT model} */
        public TensorInfo sft() {
            return operands.sft().tensor();
        }

        @Override
        public TensorInfo aligned() {
            return operands.aligned().tensor();
        }

        @Override
        public Operand source() {
            return operands.aligned();
        }
    }
}
