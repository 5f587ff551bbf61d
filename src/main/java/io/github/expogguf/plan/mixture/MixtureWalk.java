package io.github.expogguf.plan.mixture;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.options.PlanOptions;

/**
 * Applies a mixture to the tensors of one model, one after the other in {@link LayerOrder}, and keeps the counts that
 * its decisions depend on. Embeddings, the output and MXFP4_MOE have rules of their own, shared by all mixtures
 * ({@code llama_tensor_get_type_impl} in llama-quant.cpp, llama.cpp v0.5.0).
 */
final class MixtureWalk {

    private final ModelHeader model;
    private final PlanOptions options;
    private final FileType fileType;
    private final HyperParameters parameters;
    private final Mixture mixture;
    private final boolean hasTiedEmbeddings;
    private final int attentionValuesCount;

    private int attentionValuesIndex;
    private int feedForwardDownIndex;
    private int feedForwardGateIndex;
    private int feedForwardUpIndex;

    MixtureWalk(ModelHeader model, PlanOptions options, FileType fileType) {
        this.model = model;
        this.options = options;
        this.fileType = fileType;
        this.parameters = HyperParameters.of(model.metadata(), options.overrides());
        this.mixture = mixture(fileType, parameters, options.imatrix().isPresent());
        this.hasTiedEmbeddings = hasTiedEmbeddings(model);
        this.attentionValuesCount = (int) model.tensors().stream()
                .filter(tensor -> TensorCategory.of(tensor.name()).holdsAttentionValues())
                .count();
    }

    private static Mixture mixture(FileType fileType, HyperParameters parameters, boolean hasImatrix) {
        return switch (fileType) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ2_M -> new VeryLowBitMixture(fileType, parameters);
            default -> new StandardMixture(fileType, parameters, hasImatrix);
        };
    }

    /** Whether the token embeddings serve as output, too. */
    static boolean hasTiedEmbeddings(ModelHeader model) {
        return model.tensors().stream().noneMatch(tensor -> tensor.name().equals(TensorNames.OUTPUT));
    }

    /** The type of the next tensor, before its row length is looked at. */
    GgmlType next(TensorInfo tensor) {
        TensorCategory category = TensorCategory.of(tensor.name());
        if (category == TensorCategory.OUTPUT || (hasTiedEmbeddings && category == TensorCategory.TOKEN_EMBEDDING)) {
            return options.outputTensorType().orElseGet(() -> output(tensor));
        }
        if (fileType == FileType.MXFP4_MOE) {
            return isExpert(tensor, category) ? GgmlType.MXFP4 : GgmlType.Q8_0;
        }
        return switch (category) {
            case TOKEN_EMBEDDING -> tokenEmbedding();
            case ATTENTION_V, ATTENTION_QKV, ATTENTION_KV_B ->
                mixture.attentionValues(attentionValuesIndex++, attentionValuesCount);
            case ATTENTION_K -> mixture.attentionKeys();
            case ATTENTION_Q -> mixture.attentionQueries();
            case ATTENTION_OUTPUT -> mixture.attentionOutput();
            case FFN_DOWN -> mixture.feedForwardDown(layer(tensor, feedForwardDownIndex++), parameters.layerCount());
            case FFN_GATE -> mixture.feedForwardIn(layer(tensor, feedForwardGateIndex++), parameters.layerCount());
            case FFN_UP -> mixture.feedForwardIn(layer(tensor, feedForwardUpIndex++), parameters.layerCount());
            case OTHER, OUTPUT -> mixture.other();
        };
    }

    private GgmlType output(TensorInfo tensor) {
        GgmlType defaultType = fileType.defaultType();
        if (fileType == FileType.MXFP4_MOE
                || defaultType == GgmlType.Q8_0
                || parameters.architecture().equals("falcon")
                || !RowFallback.fits(tensor, defaultType)) {
            return GgmlType.Q8_0;
        }
        return switch (fileType) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ2_M, IQ3_XXS -> GgmlType.Q5_K;
            default -> GgmlType.Q6_K;
        };
    }

    private GgmlType tokenEmbedding() {
        return switch (fileType) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS -> GgmlType.Q2_K;
            case IQ2_S, IQ2_M, IQ3_XXS -> GgmlType.IQ3_S;
            case TQ1_0, TQ2_0, Q2_0 -> GgmlType.Q4_K;
            default -> fileType.defaultType();
        };
    }

    /** Stacked matrices are experts, but for Bailing MoE 3, whose attention has some, too. */
    private boolean isExpert(TensorInfo tensor, TensorCategory category) {
        return tensor.shape().dimension(2) > 1
                && (category.isFeedForward() || !parameters.architecture().equals("bailingmoe3"));
    }

    private int layer(TensorInfo tensor, int index) {
        if (!mixture.readsLayerFromName()) {
            return index;
        }
        int layer = LayerOrder.layer(tensor.name()).orElse(-1);
        if (layer < 0 || layer >= parameters.layerCount()) {
            throw new UnsupportedTypeException(model.name() + ": tensor '" + tensor.name() + "': " + fileType
                    + " gives its type by layer, and the name tells none of the model's " + parameters.layerCount()
                    + " layers (llama-quantize refuses it, too; pure types do not depend on the layer)");
        }
        return layer;
    }
}
