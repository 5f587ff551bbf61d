package io.github.expogguf.plan;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * Which tensors of an output have importances, of those that would use them: tensors that get a quantized type. The
 * output tensor and the token embeddings count only where the imatrix has them, because llama-imatrix records neither.
 *
 * @param weighed  names of tensors that are quantized with importances
 * @param missing  names of tensors that are quantized without, or cannot be for it; empty where there is no imatrix
 * @param required names of those that cannot be quantized without; output tensor and token embeddings among them
 * @param partial  weighed tensors of which some experts have no importances
 * @param zeros    weighed tensors of which some columns have importance 0
 * @param resized  names of tensors that are quantized without because their importances are those of other rows, which
 *                 token embeddings may have
 * @param unknown  names of tensors that the imatrix has importances for, and the model does not have
 */
public record ImportanceCoverage(
        List<String> weighed,
        List<String> missing,
        List<String> required,
        List<Partial> partial,
        List<Zeros> zeros,
        List<String> resized,
        List<String> unknown) {

    /** Copies the lists. */
    public ImportanceCoverage {
        weighed = Elements.copy(weighed, "weighed");
        missing = Elements.copy(missing, "missing");
        required = Elements.copy(required, "required");
        partial = Elements.copy(partial, "partial");
        zeros = Elements.copy(zeros, "zeros");
        resized = Elements.copy(resized, "resized");
        unknown = Elements.copy(unknown, "unknown");
    }

    /**
     * A tensor with experts that the text of the imatrix never asked; all of their weights count the same.
     *
     * @param tensor  its name
     * @param unasked how many
     * @param experts of how many; 1 where one count holds for all of the tensor
     */
    public record Partial(String tensor, int unasked, int experts) {
        /** Refuses null. */
        public Partial {
            Objects.requireNonNull(tensor, "tensor");
        }
    }

    /**
     * A tensor with columns whose inputs were 0 in all of the text of the imatrix.
     *
     * @param tensor  its name
     * @param columns how many, over all experts
     * @param of      of how many
     * @param lost    those of them that are written as zeros, because all columns that share their scale have
     *                importance 0
     */
    public record Zeros(String tensor, int columns, int of, int lost) {
        /** Refuses null. */
        public Zeros {
            Objects.requireNonNull(tensor, "tensor");
        }
    }
}
