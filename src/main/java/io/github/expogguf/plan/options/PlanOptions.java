package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What decides the values and the types of the output; the names are llama-quantize's.
 *
 * @param alpha              weight of the delta; 0 gives the aligned model, but for tensors with an alpha of their own.
 *                           Finite.
 * @param alphaRules         alphas of single tensors, the first match wins; tensors without a match get {@code alpha}
 * @param fileType           mixture of tensor types; empty keeps the type that each tensor has in the aligned model
 * @param tensorTypes        rules for single tensors, the first match wins; without effect in F32, F16 and BF16
 *                           files, and so refused for them
 * @param outputTensorType   type of {@code output.weight}
 * @param tokenEmbeddingType type of {@code token_embd.weight}
 * @param pure               gives every tensor the default type of the file type
 * @param leaveOutputTensor  keeps {@code output.weight} in its input type
 * @param imatrix            importance matrix
 * @param chatTemplate       chat template of the output; empty keeps the (aligned) model's
 * @param rounding           of what is extrapolated; empty chooses for every tensor what keeps most of the step:
 *                           stochastic with seed 0 where tensors stay BF16 because there is no file type, divided
 *                           where the type stays and would make weights larger, and to nearest elsewhere
 * @param overrides          metadata of the output that is set or replaced
 * @param acceptedDifferences hyper-parameters that the models of a pair may have different values of, as keys of the
 *                           files; the output has the aligned model's
 * @param dropMtp            leaves out the aligned model's blocks for multi-token prediction (MTP), and mends the
 *                           counts that announce them
 * @param evidence           how alpha was chosen, as metadata of the output; every key begins with
 *                           {@value RecipeKeys#EVIDENCE}
 */
public record PlanOptions(
        float alpha,
        List<TensorAlphaRule> alphaRules,
        Optional<FileType> fileType,
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
        Map<String, MetadataValue> evidence) {

    /** Checks alpha and keys, and copies the collections. */
    public PlanOptions {
        Numbers.requireFinite(alpha, "alpha");
        alphaRules = List.copyOf(alphaRules);
        tensorTypes = List.copyOf(tensorTypes);
        overrides = List.copyOf(overrides);
        acceptedDifferences = Collections.unmodifiableSet(new LinkedHashSet<>(acceptedDifferences));
        evidence = Collections.unmodifiableMap(new LinkedHashMap<>(evidence));
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

    /** Same, with another weight of the delta. */
    public PlanOptions withAlpha(float value) {
        return toBuilder().alpha(value).build();
    }

    /** Same, with another mixture of types; empty for the types of the aligned model. */
    public PlanOptions withFileType(Optional<FileType> value) {
        return toBuilder().fileType(value).build();
    }

    /** Same, with this evidence for alpha. */
    public PlanOptions withEvidence(Map<String, MetadataValue> value) {
        return toBuilder().evidence(value).build();
    }

    /** A builder that begins with these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.alpha = alpha;
        builder.alphaRules = alphaRules;
        builder.fileType = fileType;
        builder.tensorTypes = tensorTypes;
        builder.outputTensorType = outputTensorType;
        builder.tokenEmbeddingType = tokenEmbeddingType;
        builder.pure = pure;
        builder.leaveOutputTensor = leaveOutputTensor;
        builder.imatrix = imatrix;
        builder.chatTemplate = chatTemplate;
        builder.rounding = rounding;
        builder.overrides = overrides;
        builder.acceptedDifferences = acceptedDifferences;
        builder.dropMtp = dropMtp;
        builder.evidence = evidence;
        return builder;
    }

    /** Options that differ from the defaults (alpha 0, types of the aligned model) as set on the builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private float alpha;
        private List<TensorAlphaRule> alphaRules = List.of();
        private Optional<FileType> fileType = Optional.empty();
        private List<TensorTypeRule> tensorTypes = List.of();
        private Optional<GgmlType> outputTensorType = Optional.empty();
        private Optional<GgmlType> tokenEmbeddingType = Optional.empty();
        private boolean pure;
        private boolean leaveOutputTensor;
        private Optional<Imatrix> imatrix = Optional.empty();
        private Optional<OutputTemplate> chatTemplate = Optional.empty();
        private Optional<Rounding> rounding = Optional.empty();
        private List<KeyValueOverride> overrides = List.of();
        private Set<String> acceptedDifferences = Set.of();
        private boolean dropMtp;
        private Map<String, MetadataValue> evidence = Map.of();

        private Builder() {}

        /** Weight of the delta. */
        public Builder alpha(float value) {
            alpha = value;
            return this;
        }

        /** Alphas of single tensors, the first match wins; tensors without a match get {@link #alpha}. */
        public Builder alphaRules(List<TensorAlphaRule> value) {
            alphaRules = value;
            return this;
        }

        /** Mixture of tensor types of the output. */
        public Builder fileType(FileType value) {
            return fileType(Optional.of(value));
        }

        /** Mixture of tensor types of the output; empty keeps the types of the aligned model. */
        public Builder fileType(Optional<FileType> value) {
            fileType = value;
            return this;
        }

        /** Rules for single tensors, the first match wins. */
        public Builder tensorTypes(List<TensorTypeRule> value) {
            tensorTypes = value;
            return this;
        }

        /** Type of {@code output.weight}. */
        public Builder outputTensorType(GgmlType value) {
            outputTensorType = Optional.of(value);
            return this;
        }

        /** Type of {@code token_embd.weight}. */
        public Builder tokenEmbeddingType(GgmlType value) {
            tokenEmbeddingType = Optional.of(value);
            return this;
        }

        /** Gives every tensor the default type. */
        public Builder pure(boolean value) {
            pure = value;
            return this;
        }

        /** Keeps {@code output.weight} in its input type. */
        public Builder leaveOutputTensor(boolean value) {
            leaveOutputTensor = value;
            return this;
        }

        /** Importance matrix. */
        public Builder imatrix(Imatrix value) {
            imatrix = Optional.of(value);
            return this;
        }

        /** Chat template of the output. */
        public Builder chatTemplate(OutputTemplate value) {
            chatTemplate = Optional.of(value);
            return this;
        }

        /** How what is extrapolated is rounded, in all tensors. */
        public Builder rounding(Rounding value) {
            return rounding(Optional.of(value));
        }

        /** How what is extrapolated is rounded; empty, as without a word, chooses for every tensor. */
        public Builder rounding(Optional<Rounding> value) {
            rounding = value;
            return this;
        }

        /** Metadata of the output that is set or replaced. */
        public Builder overrides(List<KeyValueOverride> value) {
            overrides = value;
            return this;
        }

        /** Hyper-parameters that the models of a pair may have different values of, as keys of the files. */
        public Builder acceptedDifferences(Set<String> value) {
            acceptedDifferences = value;
            return this;
        }

        /** Leaves out blocks for multi-token prediction. */
        public Builder dropMtp(boolean value) {
            dropMtp = value;
            return this;
        }

        /** How alpha was chosen; written as metadata of the output. */
        public Builder evidence(Map<String, MetadataValue> value) {
            evidence = value;
            return this;
        }

        /** The options. */
        public PlanOptions build() {
            return new PlanOptions(
                    alpha,
                    alphaRules,
                    fileType,
                    tensorTypes,
                    outputTensorType,
                    tokenEmbeddingType,
                    pure,
                    leaveOutputTensor,
                    imatrix,
                    chatTemplate,
                    rounding,
                    overrides,
                    acceptedDifferences,
                    dropMtp,
                    evidence);
        }
    }
}
