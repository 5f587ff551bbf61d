package io.github.expogguf.plan.mixture;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;

/** IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S and IQ2_M: a few small tensors keep the whole usable. */
record VeryLowBitMixture(FileType fileType, HyperParameters parameters) implements Mixture {

    @Override
    public GgmlType attentionValues(int index, int count) {
        boolean isSmall = parameters.queryGroupSize() >= 4 || parameters.expertCount() >= 4;
        return isSmall ? GgmlType.Q4_K : raised();
    }

    @Override
    public GgmlType attentionKeys() {
        return parameters.expertCount() == 8 ? GgmlType.Q4_K : other();
    }

    @Override
    public GgmlType attentionQueries() {
        return other();
    }

    @Override
    public GgmlType attentionOutput() {
        if (parameters.expertCount() == 8) {
            return GgmlType.Q5_K;
        }
        return switch (fileType) {
            case IQ1_S, IQ1_M -> GgmlType.IQ2_XXS;
            case IQ2_S, IQ2_M -> GgmlType.IQ3_S;
            default -> other();
        };
    }

    @Override
    public boolean readsLayerFromName() {
        return false;
    }

    @Override
    public GgmlType feedForwardDown(int layer, int layers) {
        return layer < layers / 8 ? raised() : other();
    }

    @Override
    public GgmlType feedForwardIn(int layer, int layers) {
        return other();
    }

    @Override
    public GgmlType other() {
        return fileType.defaultType();
    }

    private GgmlType raised() {
        return fileType == FileType.IQ2_S || fileType == FileType.IQ2_M ? GgmlType.IQ3_S : GgmlType.Q2_K;
    }
}
