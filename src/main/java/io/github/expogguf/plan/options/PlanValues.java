package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** What {@link PlanOptions} hold, which go with each other. */
record PlanValues(
        float alpha,
        List<TensorAlphaRule> alphaRules,
        Optional<FileType> fileType,
        Optional<SizeTarget> sizeTarget,
        List<TensorTypeRule> tensorTypes,
        Optional<GgmlType> outputTensorType,
        Optional<GgmlType> tokenEmbeddingType,
        boolean pure,
        boolean leaveOutputTensor,
        Optional<Imatrix> imatrix,
        Optional<OutputTemplate> chatTemplate,
        Optional<Rounding> rounding,
        List<KeyValueOverride> overrides,
        Set<String> acceptedDifferences,
        boolean dropMtp,
        int rank,
        OptionalDouble toStep,
        Map<String, MetadataValue> evidence) {

    /** @throws IllegalArgumentException if one is out of range, or two contradict each other */
    PlanValues {
        Numbers.requireFinite(alpha, "alpha");
        toStep.ifPresent(step -> Numbers.requireFinite(step, "step"));
        if (rank < 0 || rank > PlanOptions.MAX_RANK) {
            throw new IllegalArgumentException("rank " + rank + ", expected 0 to " + PlanOptions.MAX_RANK);
        }
        if (rank > 0 && toStep.isPresent()) {
            throw new IllegalArgumentException("rank " + rank
                    + " is of the delta of a pair; the deltas of checkpoints have one direction already");
        }
        if (chatTemplate.isPresent()
                && overrides.stream().anyMatch(override -> override.key().equals(OutputTemplate.KEY))) {
            throw new IllegalArgumentException(
                    "the chat template is given twice, as such and as an override of " + OutputTemplate.KEY);
        }
        for (String key : evidence.keySet()) {
            if (!key.startsWith(RecipeKeys.EVIDENCE)) {
                throw new IllegalArgumentException(Escape.quote(key) + " does not begin with " + RecipeKeys.EVIDENCE);
            }
        }
        if (rounding.filter(Rounding.Divided.class::isInstance).isPresent()) {
            throw new IllegalArgumentException(
                    "what is divided differs by type and cannot be the same for all tensors");
        }
    }
}
