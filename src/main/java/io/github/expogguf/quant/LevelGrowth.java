package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;

/**
 * Types that make weights larger in every round: where all weights are values of the type already, ggml's quantizers
 * give each the same level again, but another scale. What they multiply scales with to serve weights of any value
 * (1.033 for IQ3_S, 1.0125 for IQ3_XXS, 1.1125 for IQ1_M, 1.125 for IQ1_S; {@code quantize_row_iq*_impl} in
 * ggml-quants.c, ggml 0.25.1), or what their search for a scale prefers, comes on top each time. Dividing such weights
 * first undoes it.
 */
public final class LevelGrowth {

    private LevelGrowth() {}

    /**
     * What weights that are values of a type are multiplied by when they are quantized to it again, over normally
     * distributed weights and with or without importance, which differ by less than 0.006; 1 for types whose values
     * stay. Measured; a test measures it again.
     */
    public static float factor(GgmlType type) {
        return switch (type) {
            case IQ3_XXS -> 1.021f;
            case IQ3_S -> 1.033f;
            case IQ2_S -> 1.045f;
            case IQ2_XXS, IQ2_XS -> 1.056f;
            case IQ1_M -> 1.1125f;
            case IQ1_S -> 1.125f;
            default -> 1;
        };
    }
}
