package io.github.expogguf.plan.mixture;

import io.github.expogguf.RuleException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.match.FirstMatch;
import io.github.expogguf.plan.match.RuleMatches;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorTypeRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which type each tensor gets, exactly as {@code llama_tensor_get_type} in llama-quant.cpp of llama.cpp v0.5.0
 * would if it were given the aligned model and the same options.
 *
 * <p>Without a file type, which llama-quantize does not offer, every tensor keeps the type it has in the aligned model,
 * except where {@code --tensor-type}, {@code --output-tensor-type} or {@code --token-embedding-type} names another.
 */
public final class TypeChooser {

    private final ModelHeader model;
    private final PlanOptions options;
    private final Optional<MixtureWalk> mixture;
    private final boolean hasTiedEmbeddings;
    private final FirstMatch<TensorTypeRule> rules;

    private TypeChooser(ModelHeader model, PlanOptions options, RuleMatches found) {
        this.model = model;
        this.options = options;
        this.mixture = options.fileType().map(fileType -> new MixtureWalk(model, options, fileType));
        this.rules = new FirstMatch<>(RuleException.Decides.TYPE, options.tensorTypes(), TensorTypeRule::name, found);
        this.hasTiedEmbeddings = MixtureWalk.hasTiedEmbeddings(model);
    }

    /**
     * The type of every tensor in the output, in the order of the header.
     *
     * @throws UnsupportedTypeException if a tensor's rows fit neither the type nor a replacement
     * @throws IllegalArgumentException if options contradict each other
     */
    public static List<GgmlType> choose(ModelHeader aligned, PlanOptions options) {
        return choose(aligned, options, new RuleMatches());
    }

    /** Same, with what is known of the rules that decide about the tensors. */
    public static List<GgmlType> choose(ModelHeader aligned, PlanOptions options, RuleMatches found) {
        refuseContradictions(options);
        TypeChooser chooser = new TypeChooser(aligned, options, found);
        Map<TensorInfo, GgmlType> types = new HashMap<>();
        LayerOrder.sorted(aligned.tensors()).forEach(tensor -> types.put(tensor, chooser.choose(tensor)));
        return aligned.tensors().stream().map(types::get).toList();
    }

    /**
     * The tensors whose type nothing decides but the mixture of a file type, in the order of the header: weights that
     * may be quantized, and no option or rule names their type.
     *
     * @param options with a file type
     */
    public static List<TensorInfo> undecided(ModelHeader aligned, PlanOptions options, RuleMatches found) {
        refuseContradictions(options);
        TypeChooser chooser = new TypeChooser(aligned, options, found);
        return aligned.tensors().stream()
                .filter(tensor -> chooser.mayChange(tensor)
                        && chooser.namedType(tensor).isEmpty()
                        && chooser.rules.in(tensor.name()).isEmpty())
                .toList();
    }

    private static void refuseContradictions(PlanOptions options) {
        Optional<FileType> fileType = options.fileType();
        if (options.pure() && fileType.isEmpty()) {
            throw new IllegalArgumentException("pure types need a file type that says which");
        }
        if (!options.tensorTypes().isEmpty()
                && fileType.isPresent()
                && !fileType.get().defaultType().isQuantized()) {
            throw new IllegalArgumentException(
                    "types of single tensors have no effect in " + fileType.get() + " files, only in quantized ones");
        }
    }

    private GgmlType choose(TensorInfo tensor) {
        if (!mayChange(tensor)) {
            return tensor.type();
        }
        Optional<GgmlType> named = namedType(tensor);
        if (named.isPresent()) {
            if (!RowFallback.fits(tensor, named.get())) {
                throw new UnsupportedTypeException(RowFallback.rowProblem(model.name(), tensor, named.get()));
            }
            return named.get();
        }
        Optional<GgmlType> byRule = rules.in(tensor.name()).map(TensorTypeRule::type);
        return byRule.map(type -> RowFallback.fit(model.name(), tensor, type)).orElseGet(() -> byFileType(tensor));
    }

    private boolean mayChange(TensorInfo tensor) {
        return !tensor.type().isInteger() && Quantizable.isQuantizable(tensor, options.leaveOutputTensor());
    }

    /** The type that an option names for just this tensor; a rule may still claim the per-layer embeddings. */
    private Optional<GgmlType> namedType(TensorInfo tensor) {
        TensorCategory category = TensorCategory.of(tensor.name());
        if (category == TensorCategory.TOKEN_EMBEDDING
                && options.tokenEmbeddingType().isPresent()
                && !(tensor.name().equals(TensorNames.LAYER_EMBEDDING) && isClaimedByRule(tensor))) {
            return options.tokenEmbeddingType();
        }
        boolean servesAsOutput = category == TensorCategory.OUTPUT
                || (options.fileType().isEmpty() && hasTiedEmbeddings && category == TensorCategory.TOKEN_EMBEDDING);
        return servesAsOutput ? options.outputTensorType() : Optional.empty();
    }

    private boolean isClaimedByRule(TensorInfo tensor) {
        return rules.in(tensor.name()).isPresent();
    }

    private GgmlType byFileType(TensorInfo tensor) {
        if (options.fileType().isEmpty()) {
            return tensor.type();
        }
        GgmlType defaultType = options.fileType().get().defaultType();
        if (!defaultType.isQuantized()) {
            return defaultType;
        }
        GgmlType type = options.pure() ? defaultType : mixture.orElseThrow().next(tensor);
        return RowFallback.fit(model.name(), tensor, type);
    }
}
