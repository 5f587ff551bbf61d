package io.github.expogguf.plan;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;

/** What happens to one tensor of the aligned model. */
public sealed interface TensorTask {

    /** The tensor in the aligned model; the output has the same name and shape. */
    TensorInfo aligned();

    /** Type in the output. */
    GgmlType targetType();

    /** Bytes in the output, without padding. */
    default long targetBytes() {
        return Math.multiplyExact(
                targetType().rowBytes(aligned().shape().rowLength()), aligned().shape().rowCount());
    }

    /** Whether an importance matrix weighs the columns. */
    boolean usesImportance();

    /**
     * The bytes of the aligned model as they are.
     *
     * @param reason why, for people: "alpha is 0", "integer tensor"
     */
    record Copy(TensorInfo aligned, String reason) implements TensorTask {
        @Override
        public GgmlType targetType() {
            return aligned.type();
        }

        @Override
        public boolean usesImportance() {
            return false;
        }
    }

    /** The values of the aligned model in another type. */
    record Convert(TensorInfo aligned, GgmlType targetType, boolean usesImportance) implements TensorTask {}

    /** {@code aligned + alpha * (aligned - sft)}, in the target type. */
    record Extrapolate(TensorInfo sft, TensorInfo aligned, float alpha, GgmlType targetType, boolean usesImportance)
            implements TensorTask {}
}
