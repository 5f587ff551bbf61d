package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;

/** What ggml can do with a type of weights, and what it asks for. */
public final class WeightTypes {

    private WeightTypes() {}

    /**
     * Whether a type can be read and written: its values turned into floats, and floats into it. Integers and F64 hold
     * no weights; Q8_1 and Q8_K are types of intermediate results that ggml packs but never unpacks ({@code
     * type_traits} in ggml.c, ggml 0.25.1).
     */
    public static boolean isSupported(GgmlType type) {
        return switch (type) {
            case I8, I16, I32, I64, F64, Q8_1, Q8_K -> false;
            case F32, F16, BF16 -> true;
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> true;
            case IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S, IQ4_NL, IQ3_S, IQ2_S, IQ4_XS, IQ1_M -> true;
            case TQ1_0, TQ2_0, MXFP4, NVFP4, Q1_0, Q2_0 -> true;
        };
    }

    /** Whether a type cannot be written without importance ({@code ggml_quantize_requires_imatrix}, ggml 0.25.1). */
    public static boolean needsImportance(GgmlType type) {
        return type == GgmlType.IQ2_XXS || type == GgmlType.IQ2_XS || type == GgmlType.IQ1_S;
    }

    /**
     * Whether importance changes what is written: the quantizers of the other types have the parameter and do not read
     * it ({@code quantize_q8_0} and others in ggml-quants.c, ggml 0.25.1).
     */
    public static boolean readsImportance(GgmlType type) {
        return switch (type) {
            case Q8_0, MXFP4, NVFP4, TQ1_0, TQ2_0, Q1_0, Q2_0 -> false;
            default -> type.isQuantized();
        };
    }

    static String unsupported(GgmlType type) {
        return type + (type.isQuantized() ? " is a type of intermediate results" : " holds no weights")
                + " and cannot be converted to floats";
    }
}
