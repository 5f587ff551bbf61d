package io.github.expogguf.quant;

import io.github.expogguf.gguf.GgmlType;

/** What ggml 0.25.1 can do with a tensor type. */
public final class TypeSupport {

    private TypeSupport() {}

    /**
     * Whether values of the type can be turned into 32-bit floats ({@code to_float} in ggml.c, {@code type_traits}).
     */
    public static boolean isReadable(GgmlType type) {
        return switch (type) {
            case Q8_1, Q8_K, F64, I8, I16, I32, I64 -> false;
            default -> true;
        };
    }

    /** Whether 32-bit floats can be turned into the type ({@code ggml_quantize_chunk} in ggml.c). */
    public static boolean isWritable(GgmlType type) {
        return isReadable(type); // by chance the same types
    }

    /** Whether ggml aborts without an importance matrix ({@code ggml_quantize_requires_imatrix} in ggml.c). */
    public static boolean abortsWithoutImportance(GgmlType type) {
        return switch (type) {
            case IQ2_XXS, IQ2_XS, IQ1_S -> true;
            default -> false;
        };
    }

    /**
     * Whether importances change what is written: the quantizers of the other types have the parameter and do not read
     * it ({@code quantize_q8_0} and others in ggml-quants.c, ggml 0.25.1).
     */
    public static boolean readsImportance(GgmlType type) {
        return switch (type) {
            case Q8_0, MXFP4, NVFP4, TQ1_0, TQ2_0, Q1_0, Q2_0 -> false;
            default -> type.isQuantized();
        };
    }
}
