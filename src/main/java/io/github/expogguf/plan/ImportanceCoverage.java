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
 */
public record ImportanceCoverage(
        List<String> weighed, List<String> missing, List<String> required, List<Partial> partial) {

    /** Copies the lists. */
    public ImportanceCoverage {
        weighed = Elements.copy(weighed, "weighed");
        missing = Elements.copy(missing, "missing");
        required = Elements.copy(required, "required");
        partial = Elements.copy(partial, "partial");
    }

    /**
     * A tensor with experts that the text of the imatrix never asked; all of their weights count the same.
     *
     * @param tensor  its name
     * @param unasked how many
     * @param experts of how many
     */
    public record Partial(String tensor, int unasked, int experts) {
        /** Refuses null. */
        public Partial {
            Objects.requireNonNull(tensor, "tensor");
        }
    }
}
