package io.github.expogguf.plan.mixture;

import io.github.expogguf.gguf.GgmlType;

/**
 * The types that a file type gives to the tensors of the layers. Two families: {@link VeryLowBitMixture} below three
 * bits, {@link StandardMixture} for the rest ({@code llama_tensor_get_type_impl} in llama-quant.cpp, llama.cpp
 * v0.5.0).
 */
sealed interface Mixture permits StandardMixture, VeryLowBitMixture {

    /**
     * Type of a layer's attention values.
     *
     * @param index how many attention-value tensors came before
     * @param count how many there are
     */
    GgmlType attentionValues(int index, int count);

    GgmlType attentionKeys();

    GgmlType attentionQueries();

    GgmlType attentionOutput();

    /**
     * Whether a feed-forward tensor of a mixture-of-experts model tells its layer by its name, not by its place in
     * line.
     */
    boolean readsLayerFromName();

    GgmlType feedForwardDown(int layer, int layers);

    /** Gate and up projections. */
    GgmlType feedForwardIn(int layer, int layers);

    /** Everything else. */
    GgmlType other();

    /** Whether a layer is one of the half that K mixtures give more bits: both ends, and every third between. */
    static boolean deservesMoreBits(int layer, int layers) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }
}
