package io.github.expogguf.plan.options;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.text.Elements;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** What decides the values and the types of the output; the names are llama-quantize's. */
public final class PlanOptions {

    /** Highest rank: above, a delta has nearly all of its directions. */
    public static final int MAX_RANK = 4096;

    private final Values values;

    private record Values(
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
        private Values {
            Numbers.requireFinite(alpha, "alpha");
            toStep.ifPresent(step -> Numbers.requireFinite(step, "step"));
            if (rank < 0 || rank > MAX_RANK) {
                throw new IllegalArgumentException("rank " + rank + ", expected 0 to " + MAX_RANK);
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
                    throw new IllegalArgumentException(
                            Escape.quote(key) + " does not begin with " + RecipeKeys.EVIDENCE);
                }
            }
            if (rounding.filter(Rounding.Divided.class::isInstance).isPresent()) {
                throw new IllegalArgumentException(
                        "what is divided differs by type and cannot be the same for all tensors");
            }
        }
    }

    private PlanOptions(Values values) {
        this.values = values;
    }

    /**
     * Options that differ from {@linkplain #defaults the defaults} as set on the builder.
     *
     * @return a builder that has the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the aligned model in its own types} */
    public static PlanOptions defaults() {
        return builder().build();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.alpha = values.alpha;
        builder.alphaRules = values.alphaRules;
        builder.fileType = values.fileType;
        builder.sizeTarget = values.sizeTarget;
        builder.tensorTypes = values.tensorTypes;
        builder.outputTensorType = values.outputTensorType;
        builder.tokenEmbeddingType = values.tokenEmbeddingType;
        builder.pure = values.pure;
        builder.leaveOutputTensor = values.leaveOutputTensor;
        builder.imatrix = values.imatrix;
        builder.chatTemplate = values.chatTemplate;
        builder.rounding = values.rounding;
        builder.overrides = values.overrides;
        builder.acceptedDifferences = values.acceptedDifferences;
        builder.dropMtp = values.dropMtp;
        builder.rank = values.rank;
        builder.toStep = values.toStep;
        builder.evidence = values.evidence;
        return builder;
    }

    /**
     * {@return the weight of the delta; 0 gives the aligned model, but for tensors with an alpha of their own} Finite.
     * Where a {@linkplain #toStep step} is predicted, it weighs the step from the last checkpoint to the predicted
     * model: 1 is that model.
     */
    public float alpha() {
        return values.alpha;
    }

    /** {@return alphas of single tensors, the first match wins; tensors without a match get {@link #alpha}} */
    public List<TensorAlphaRule> alphaRules() {
        return values.alphaRules;
    }

    /** {@return the mixture of tensor types; empty keeps the type that each tensor has in the aligned model} */
    public Optional<FileType> fileType() {
        return values.fileType;
    }

    /**
     * {@return the size that the output keeps to; without a {@linkplain #fileType file type}, types for it are to be
     * found, by {@code Extrapolator.mixture}, which adds the file type and rules for tensors}
     */
    public Optional<SizeTarget> sizeTarget() {
        return values.sizeTarget;
    }

    /**
     * {@return rules for single tensors, the first match wins; without effect in F32, F16 and BF16 files, and so
     * refused for them}
     */
    public List<TensorTypeRule> tensorTypes() {
        return values.tensorTypes;
    }

    /** {@return the type of {@code output.weight}} */
    public Optional<GgmlType> outputTensorType() {
        return values.outputTensorType;
    }

    /** {@return the type of {@code token_embd.weight}} */
    public Optional<GgmlType> tokenEmbeddingType() {
        return values.tokenEmbeddingType;
    }

    /** {@return whether every tensor gets the default type of the file type} */
    public boolean pure() {
        return values.pure;
    }

    /** {@return whether {@code output.weight} stays in its input type} */
    public boolean leaveOutputTensor() {
        return values.leaveOutputTensor;
    }

    /** {@return the importance matrix} */
    public Optional<Imatrix> imatrix() {
        return values.imatrix;
    }

    /** {@return the chat template of the output; empty keeps the (aligned) model's} */
    public Optional<OutputTemplate> chatTemplate() {
        return values.chatTemplate;
    }

    /**
     * {@return the rounding of what is extrapolated; empty chooses for every tensor what keeps most of the step:
     * stochastic with seed 0 where tensors stay BF16 because there is no file type, divided where the type stays and
     * would make weights larger, and to nearest elsewhere}
     */
    public Optional<Rounding> rounding() {
        return values.rounding;
    }

    /** {@return the metadata of the output that is set or replaced} */
    public List<KeyValueOverride> overrides() {
        return values.overrides;
    }

    /**
     * {@return hyper-parameters that the models of a pair may have different values of, as keys of the files; the
     * output has the aligned model's}
     */
    public Set<String> acceptedDifferences() {
        return values.acceptedDifferences;
    }

    /**
     * {@return whether the aligned model's blocks for multi-token prediction (MTP) are left out, and the counts mended
     * that announce them}
     */
    public boolean dropMtp() {
        return values.dropMtp;
    }

    /** {@return how alpha was chosen, as metadata of the output; every key begins with {@value RecipeKeys#EVIDENCE}} */
    public Map<String, MetadataValue> evidence() {
        return values.evidence;
    }

    /**
     * {@return the rank of what is extrapolated: of each matrix's delta only its best approximation of this rank, and
     * no vectors but those that a rule gives an alpha; 0 extrapolates all of every delta}
     */
    public int rank() {
        return values.rank;
    }

    /**
     * {@return the step of training whose model is predicted from {@linkplain
     * io.github.expogguf.plan.task.Ingredients#checkpoints checkpoints}; empty for a pair}
     */
    public OptionalDouble toStep() {
        return values.toStep;
    }

    /**
     * Same, with another weight of the delta.
     *
     * @param alpha as {@link #alpha} has it
     * @return new options; these stay as they are
     */
    public PlanOptions withAlpha(float alpha) {
        return toBuilder().alpha(alpha).build();
    }

    /**
     * Same, with another mixture of types.
     *
     * @param fileType as {@link #fileType} has it
     * @return new options; these stay as they are
     */
    public PlanOptions withFileType(FileType fileType) {
        return toBuilder().fileType(fileType).build();
    }

    /**
     * Same, with this evidence for alpha.
     *
     * @param evidence as {@link #evidence} has it
     * @return new options; these stay as they are
     */
    public PlanOptions withEvidence(Map<String, MetadataValue> evidence) {
        return toBuilder().evidence(evidence).build();
    }

    /**
     * Same, with the types of the aligned model.
     *
     * @return new options; these stay as they are
     */
    public PlanOptions withTypesOfAligned() {
        return toBuilder().typesOfAligned().build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PlanOptions that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString().replaceFirst("Values", "PlanOptions");
    }

    /** Collects options; not thread-safe. */
    public static final class Builder {
        private float alpha;
        private List<TensorAlphaRule> alphaRules = List.of();
        private Optional<FileType> fileType = Optional.empty();
        private Optional<SizeTarget> sizeTarget = Optional.empty();
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
        private int rank;
        private OptionalDouble toStep = OptionalDouble.empty();
        private Map<String, MetadataValue> evidence = Map.of();

        private Builder() {}

        /**
         * Weight of the delta; 0, as without a word, gives the aligned model.
         *
         * @param alpha as {@link PlanOptions#alpha} has it
         * @return this builder
         */
        public Builder alpha(float alpha) {
            this.alpha = alpha;
            return this;
        }

        /**
         * Alphas of single tensors, the first match wins; tensors without a match get {@link #alpha}.
         *
         * @param alphaRules as {@link PlanOptions#alphaRules} has it
         * @return this builder
         */
        public Builder alphaRules(List<TensorAlphaRule> alphaRules) {
            this.alphaRules = Elements.copy(alphaRules, "alphaRules");
            return this;
        }

        /**
         * Mixture of tensor types of the output.
         *
         * @param fileType as {@link PlanOptions#fileType} has it
         * @return this builder
         */
        public Builder fileType(FileType fileType) {
            this.fileType = Optional.of(Objects.requireNonNull(fileType, "fileType"));
            return this;
        }

        /**
         * Size that the output keeps to, in the place of a file type.
         *
         * @param sizeTarget as {@link PlanOptions#sizeTarget} has it
         * @return this builder
         */
        public Builder sizeTarget(SizeTarget sizeTarget) {
            this.sizeTarget = Optional.of(Objects.requireNonNull(sizeTarget, "sizeTarget"));
            return this;
        }

        /**
         * Rules for single tensors, the first match wins.
         *
         * @param tensorTypes as {@link PlanOptions#tensorTypes} has it
         * @return this builder
         */
        public Builder tensorTypes(List<TensorTypeRule> tensorTypes) {
            this.tensorTypes = Elements.copy(tensorTypes, "tensorTypes");
            return this;
        }

        /**
         * Type of {@code output.weight}.
         *
         * @param outputTensorType as {@link PlanOptions#outputTensorType} has it
         * @return this builder
         */
        public Builder outputTensorType(GgmlType outputTensorType) {
            this.outputTensorType = Optional.of(Objects.requireNonNull(outputTensorType, "outputTensorType"));
            return this;
        }

        /**
         * Type of {@code token_embd.weight}.
         *
         * @param tokenEmbeddingType as {@link PlanOptions#tokenEmbeddingType} has it
         * @return this builder
         */
        public Builder tokenEmbeddingType(GgmlType tokenEmbeddingType) {
            this.tokenEmbeddingType = Optional.of(Objects.requireNonNull(tokenEmbeddingType, "tokenEmbeddingType"));
            return this;
        }

        /**
         * Gives every tensor the default type.
         *
         * @param pure as {@link PlanOptions#pure} has it
         * @return this builder
         */
        public Builder pure(boolean pure) {
            this.pure = pure;
            return this;
        }

        /**
         * Keeps {@code output.weight} in its input type.
         *
         * @param leaveOutputTensor as {@link PlanOptions#leaveOutputTensor} has it
         * @return this builder
         */
        public Builder leaveOutputTensor(boolean leaveOutputTensor) {
            this.leaveOutputTensor = leaveOutputTensor;
            return this;
        }

        /**
         * Importance matrix.
         *
         * @param imatrix as {@link PlanOptions#imatrix} has it
         * @return this builder
         */
        public Builder imatrix(Imatrix imatrix) {
            this.imatrix = Optional.of(Objects.requireNonNull(imatrix, "imatrix"));
            return this;
        }

        /**
         * Chat template of the output.
         *
         * @param chatTemplate as {@link PlanOptions#chatTemplate} has it
         * @return this builder
         */
        public Builder chatTemplate(OutputTemplate chatTemplate) {
            this.chatTemplate = Optional.of(Objects.requireNonNull(chatTemplate, "chatTemplate"));
            return this;
        }

        /**
         * How what is extrapolated is rounded, in all tensors.
         *
         * @param rounding as {@link PlanOptions#rounding} has it
         * @return this builder
         */
        public Builder rounding(Rounding rounding) {
            this.rounding = Optional.of(Objects.requireNonNull(rounding, "rounding"));
            return this;
        }

        /**
         * Metadata of the output that is set or replaced.
         *
         * @param overrides as {@link PlanOptions#overrides} has it
         * @return this builder
         */
        public Builder overrides(List<KeyValueOverride> overrides) {
            this.overrides = Elements.copy(overrides, "overrides");
            return this;
        }

        /**
         * Hyper-parameters that the models of a pair may have different values of, as keys of the files.
         *
         * @param acceptedDifferences as {@link PlanOptions#acceptedDifferences} has it
         * @return this builder
         */
        public Builder acceptedDifferences(Set<String> acceptedDifferences) {
            this.acceptedDifferences = Elements.copy(acceptedDifferences, "acceptedDifferences");
            return this;
        }

        /**
         * Leaves out blocks for multi-token prediction.
         *
         * @param dropMtp as {@link PlanOptions#dropMtp} has it
         * @return this builder
         */
        public Builder dropMtp(boolean dropMtp) {
            this.dropMtp = dropMtp;
            return this;
        }

        /**
         * Extrapolates only the part of a low rank of each matrix's delta, as LoX does (<a
         * href="https://arxiv.org/abs/2506.15606">arXiv 2506.15606</a>): {@code aligned + alpha * U_k S_k V_k^T}.
         *
         * @param rank as {@link PlanOptions#rank} has it
         * @return this builder
         */
        public Builder rank(int rank) {
            this.rank = rank;
            return this;
        }

        /**
         * Predicts the model at a step of training from {@linkplain
         * io.github.expogguf.plan.task.Ingredients#checkpoints checkpoints}, as RELEX does (<a
         * href="https://arxiv.org/abs/2605.21468">arXiv 2605.21468</a>): on the first direction of their deltas, by a
         * straight line over the steps. Sets {@link #alpha} to 1, the predicted model itself; an alpha that is set
         * afterwards goes that part of the way from the last checkpoint.
         *
         * @param step as {@link PlanOptions#toStep} has it
         * @return this builder
         * @see io.github.expogguf.extrapolate.TrajectoryFit
         */
        public Builder toStep(double step) {
            this.toStep = OptionalDouble.of(step);
            this.alpha = 1;
            return this;
        }

        /**
         * How alpha was chosen; written as metadata of the output.
         *
         * @param evidence as {@link PlanOptions#evidence} has it
         * @return this builder
         */
        public Builder evidence(Map<String, MetadataValue> evidence) {
            this.evidence = Collections.unmodifiableMap(new LinkedHashMap<>(Elements.require(evidence, "evidence")));
            return this;
        }

        /**
         * Mixture of tensor types of the output, by its name in any case, as in {@code Q4_K_M}.
         *
         * @param fileType as {@link PlanOptions#fileType} has it
         * @return this builder
         * @throws IllegalArgumentException if there is none of that name; the message lists those that there are
         */
        public Builder fileType(String fileType) {
            return fileType(FileType.parse(Objects.requireNonNull(fileType, "fileType")));
        }

        /**
         * Keeps the type that each tensor has in the aligned model, as without a word.
         *
         * @return this builder
         */
        public Builder typesOfAligned() {
            fileType = Optional.empty();
            return this;
        }

        /**
         * Chooses for every tensor how it is rounded, as without a word.
         *
         * @return this builder
         */
        public Builder roundingByTensor() {
            rounding = Optional.empty();
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException if alpha is not finite, or options exclude each other
         */
        public PlanOptions build() {
            return new PlanOptions(new Values(
                    alpha,
                    alphaRules,
                    fileType,
                    sizeTarget,
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
                    rank,
                    toStep,
                    evidence));
        }
    }
}
