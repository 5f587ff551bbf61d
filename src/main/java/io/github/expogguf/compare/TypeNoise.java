package io.github.expogguf.compare;

import io.github.expogguf.gguf.GgmlType;
import java.util.Objects;

/** How much rounding to a type changes weights. */
public final class TypeNoise {

    private TypeNoise() {}

    /**
     * {@return the root mean square error of normally distributed weights, as a share of their root mean square, when
     * ggml 0.23.0 quantizes them with equal importance; 0 for types that hold no weights} Measured; a test measures
     * them again.
     *
     * @param type a tensor type
     */
    public static double relativeError(GgmlType type) {
        Objects.requireNonNull(type, "type");
        return switch (type) {
            case F32, F64, I8, I16, I32, I64, Q8_1, Q8_K -> 0;
            case F16 -> 0.00021;
            case BF16 -> 0.0017;
            case Q8_0 -> 0.0053;
            case Q6_K -> 0.018;
            case Q5_K -> 0.036;
            case Q5_1 -> 0.038;
            case Q5_0 -> 0.043;
            case Q4_K -> 0.072;
            case IQ4_NL -> 0.076;
            case IQ4_XS -> 0.077;
            case Q4_1 -> 0.079;
            case Q4_0 -> 0.086;
            case NVFP4 -> 0.10;
            case MXFP4 -> 0.11;
            case Q3_K -> 0.15;
            case IQ3_S -> 0.17;
            case IQ3_XXS -> 0.21;
            case IQ2_S -> 0.27;
            case Q2_K, IQ2_XS -> 0.30;
            case IQ2_XXS -> 0.34;
            case IQ1_S -> 0.49;
            case IQ1_M -> 0.58;
            case Q1_0 -> 0.60;
            case Q2_0 -> 0.72;
            case TQ1_0, TQ2_0 -> 0.81;
        };
    }
}
