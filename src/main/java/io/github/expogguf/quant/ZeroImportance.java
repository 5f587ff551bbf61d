package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;

/** What ggml does with columns of importance 0: their errors count nothing, and may be as large as can be. */
public final class ZeroImportance {

    private ZeroImportance() {}

    /**
     * Columns that share a scale, which is lost with all they hold where each of them has importance 0 ({@code
     * make_qx_quants}, {@code make_qp_quants} and {@code make_qkx3_quants} in ggml-quants.c, ggml 0.25.1, give a scale
     * of 0 then); 0 where nothing is lost. The first such column of a row is a multiple of the number.
     */
    public static int group(GgmlType type) {
        return switch (type) {
            case Q2_K, Q4_K, Q5_K -> 256;
            case Q4_0, Q5_0, IQ4_NL, IQ4_XS, IQ3_XXS, IQ2_XXS, IQ1_S -> 32;
            case Q3_K, Q6_K, IQ2_XS, IQ2_S, IQ1_M -> 16;
            default -> 0;
        };
    }
}
