package io.github.expogguf.plan.mixture;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;
import java.util.Map;

/**
 * Replaces a type whose blocks do not fit a tensor's rows ({@code tensor_type_fallback} in llama-quant.cpp, llama.cpp
 * v0.5.0).
 */
final class RowFallback {

    private static final int SMALLEST_COMMON_BLOCK = 32;

    /** Types with smaller blocks, of about the same precision. */
    private static final Map<GgmlType, GgmlType> SMALLER_BLOCKS = Map.ofEntries(
            Map.entry(GgmlType.IQ1_S, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ1_M, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ2_XXS, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ2_XS, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ2_S, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ3_XXS, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ3_S, GgmlType.IQ4_NL),
            Map.entry(GgmlType.IQ4_XS, GgmlType.IQ4_NL),
            Map.entry(GgmlType.Q2_0, GgmlType.Q4_0),
            Map.entry(GgmlType.Q2_K, GgmlType.Q4_0),
            Map.entry(GgmlType.Q3_K, GgmlType.Q4_0),
            Map.entry(GgmlType.TQ1_0, GgmlType.Q4_0),
            Map.entry(GgmlType.TQ2_0, GgmlType.Q4_0),
            Map.entry(GgmlType.Q4_K, GgmlType.Q5_0),
            Map.entry(GgmlType.Q5_K, GgmlType.Q5_1),
            Map.entry(GgmlType.Q6_K, GgmlType.Q8_0));

    private RowFallback() {}

    /**
     * The type itself, its replacement, or F16 where neither fits.
     *
     * @throws UnsupportedTypeException if llama.cpp knows no replacement, as for Q1_0
     */
    static GgmlType fit(String model, TensorInfo tensor, GgmlType type) {
        if (fits(tensor, type)) {
            return type;
        }
        if (type.blockSize() > SMALLEST_COMMON_BLOCK && !SMALLER_BLOCKS.containsKey(type)) {
            throw new UnsupportedTypeException(
                    rowProblem(model, tensor, type) + ", and there is no type to fall back to");
        }
        GgmlType replacement = SMALLER_BLOCKS.getOrDefault(type, type);
        return fits(tensor, replacement) ? replacement : GgmlType.F16;
    }

    static boolean fits(TensorInfo tensor, GgmlType type) {
        return tensor.shape().rowLength() % type.blockSize() == 0;
    }

    static String rowProblem(String model, TensorInfo tensor, GgmlType type) {
        return model + ": tensor '" + tensor.name() + "': row length "
                + tensor.shape().rowLength() + " is not a multiple of " + type.blockSize() + " (block size of " + type
                + ")";
    }
}
