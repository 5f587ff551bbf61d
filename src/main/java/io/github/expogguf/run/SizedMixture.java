package io.github.expogguf.run;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * Types for the tensors of an output that keeps to a size.
 *
 * @param options what was asked, with these types: rules that llama-quantize takes as well
 * @param bytes   of the file or files
 * @param tensors those whose types were chosen, in the order of the model; others have theirs by a rule, an option, or
 *                because they are never quantized
 */
public record SizedMixture(PlanOptions options, long bytes, List<Chosen> tensors) {

    /** Refuses null. */
    public SizedMixture {
        Objects.requireNonNull(options, "options");
        tensors = Elements.copy(tensors, "tensors");
    }

    /**
     * A tensor whose type was chosen.
     *
     * @param name  of the tensor
     * @param type  what it gets
     * @param error sum of the squares of the changes by that of the values, of a sample of its rows, each column
     *              weighed by its importance where there is an importance matrix
     * @param loss  the error times what an error in this tensor does to the output of the model
     */
    public record Chosen(String name, GgmlType type, double error, double loss) {
        /** Refuses null. */
        public Chosen {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(type, "type");
        }
    }
}
