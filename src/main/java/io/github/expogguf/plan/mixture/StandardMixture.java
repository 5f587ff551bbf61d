package io.github.expogguf.plan.mixture;

import static io.github.expogguf.plan.mixture.Mixture.deservesMoreBits;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;

/** Every quantized file type from about three bits up. */
record StandardMixture(FileType fileType, HyperParameters parameters, boolean hasImatrix) implements Mixture {

    @Override
    public GgmlType attentionValues(int index, int count) {
        if (parameters.expertCount() == 8) {
            return GgmlType.Q8_0; // beside eight experts the size does not matter
        }
        GgmlType type = attentionValuesByFileType(index, count);
        boolean isRaised = parameters.seventyBillion() && (type == GgmlType.Q3_K || type == GgmlType.Q4_K);
        return isRaised ? GgmlType.Q5_K : type;
    }

    private GgmlType attentionValuesByFileType(int index, int count) {
        boolean isShared = parameters.queryGroupSize() >= 4; // shared by many heads: small, and worth more bits
        return switch (fileType) {
            case Q2_K -> isShared ? GgmlType.Q4_K : GgmlType.Q3_K;
            case Q2_K_S, IQ3_XS, IQ3_S -> isShared ? GgmlType.Q4_K : other();
            case IQ3_XXS -> isShared ? GgmlType.Q4_K : hasImatrix ? GgmlType.IQ3_XXS : GgmlType.IQ3_S;
            case IQ3_M -> GgmlType.Q4_K;
            case Q3_K_M -> index < 2 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case IQ4_NL, IQ4_XS -> isShared ? GgmlType.Q5_K : other();
            case Q4_K_S -> index < 4 ? GgmlType.Q5_K : other();
            case Q4_K_M, Q5_K_M -> deservesMoreBits(index, count) ? GgmlType.Q6_K : other();
            default -> other();
        };
    }

    @Override
    public GgmlType attentionKeys() {
        return parameters.expertCount() == 8 ? GgmlType.Q8_0 : attentionQueries();
    }

    @Override
    public GgmlType attentionQueries() {
        return switch (fileType) {
            case IQ3_XS -> GgmlType.IQ3_XXS;
            case IQ3_XXS -> GgmlType.IQ2_S;
            default -> other();
        };
    }

    @Override
    public GgmlType attentionOutput() {
        if (isFalcon()) {
            return fileType == FileType.Q3_K_L ? GgmlType.Q4_K : other();
        }
        if (parameters.expertCount() == 8) {
            return switch (fileType) {
                case Q2_K, Q3_K_S, Q3_K_M, Q4_K_S, Q4_K_M -> GgmlType.Q5_K;
                case IQ3_XXS, IQ3_XS, IQ3_S, IQ3_M, IQ4_NL, IQ4_XS -> GgmlType.Q5_K;
                default -> other();
            };
        }
        return switch (fileType) {
            case Q2_K -> GgmlType.Q3_K;
            case IQ3_XXS -> GgmlType.IQ3_S;
            case Q3_K_M, IQ3_M -> GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            default -> other();
        };
    }

    @Override
    public boolean readsLayerFromName() {
        return parameters.expertCount() > 1;
    }

    @Override
    public GgmlType feedForwardDown(int layer, int layers) {
        boolean isEarly = layer < layers / 8;
        boolean isFirst = layer < layers / 16;
        boolean moreBits = deservesMoreBits(layer, layers);
        return switch (fileType) {
            case Q2_K -> GgmlType.Q3_K;
            case Q2_K_S -> isEarly ? GgmlType.Q4_K : other();
            case IQ3_XXS -> hasImatrix ? other() : isEarly ? GgmlType.Q4_K : GgmlType.Q3_K;
            case IQ3_M -> isEarly || (parameters.expertCount() == 8 && moreBits) ? GgmlType.Q4_K : other();
            case Q3_K_M -> isFirst ? GgmlType.Q5_K : !isFalcon() || moreBits ? GgmlType.Q4_K : GgmlType.Q3_K;
            case Q3_K_L -> isFalcon() ? GgmlType.Q4_K : GgmlType.Q5_K;
            case Q4_K_M -> isFalcon() ? falconQ4KM(isFirst, moreBits) : moreBits ? GgmlType.Q6_K : other();
            case Q4_K_S -> isEarly && !isFalcon() ? GgmlType.Q5_K : other();
            case Q5_K_M -> moreBits ? GgmlType.Q6_K : other();
            case IQ4_NL, IQ4_XS -> isEarly && !hasImatrix ? GgmlType.Q5_K : other();
            // without an imatrix the types with a minimum go wrong here more often than those without
            case Q4_0 -> isEarly && hasImatrix ? GgmlType.Q4_1 : other();
            case Q5_0 -> isEarly && hasImatrix ? GgmlType.Q5_1 : other();
            default -> other();
        };
    }

    private static GgmlType falconQ4KM(boolean isFirst, boolean moreBits) {
        return isFirst ? GgmlType.Q6_K : moreBits ? GgmlType.Q5_K : GgmlType.Q4_K;
    }

    @Override
    public GgmlType feedForwardIn(int layer, int layers) {
        boolean isMiddle = layer >= layers / 8 && layer < 7 * layers / 8;
        return fileType == FileType.IQ3_XS && isMiddle ? GgmlType.IQ3_XXS : other();
    }

    @Override
    public GgmlType other() {
        return fileType.defaultType();
    }

    private boolean isFalcon() {
        return parameters.architecture().equals("falcon");
    }
}
