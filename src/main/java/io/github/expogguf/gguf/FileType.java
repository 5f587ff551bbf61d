package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Mixture of tensor types of a whole file that can be written, as llama-quantize names and numbers them ({@code
 * llama_ftype} in llama.h, default types from {@code llama_ftype_get_default_type} in llama-quant.cpp, llama.cpp
 * v0.5.0).
 */
public enum FileType {
    /** Most tensors in {@link GgmlType#F32}. */
    F32(0, GgmlType.F32),
    /** Most tensors in {@link GgmlType#F16}. */
    F16(1, GgmlType.F16),
    /** Most tensors in {@link GgmlType#Q4_0}. */
    Q4_0(2, GgmlType.Q4_0),
    /** Most tensors in {@link GgmlType#Q4_1}. */
    Q4_1(3, GgmlType.Q4_1),
    /** Most tensors in {@link GgmlType#Q8_0}. */
    Q8_0(7, GgmlType.Q8_0),
    /** Most tensors in {@link GgmlType#Q5_0}. */
    Q5_0(8, GgmlType.Q5_0),
    /** Most tensors in {@link GgmlType#Q5_1}. */
    Q5_1(9, GgmlType.Q5_1),
    /** Most tensors in {@link GgmlType#Q2_K}. */
    Q2_K(10, GgmlType.Q2_K),
    /** Most tensors in {@link GgmlType#Q3_K}. */
    Q3_K_S(11, GgmlType.Q3_K),
    /** Most tensors in {@link GgmlType#Q3_K}. */
    Q3_K_M(12, GgmlType.Q3_K),
    /** Most tensors in {@link GgmlType#Q3_K}. */
    Q3_K_L(13, GgmlType.Q3_K),
    /** Most tensors in {@link GgmlType#Q4_K}. */
    Q4_K_S(14, GgmlType.Q4_K),
    /** Most tensors in {@link GgmlType#Q4_K}. */
    Q4_K_M(15, GgmlType.Q4_K),
    /** Most tensors in {@link GgmlType#Q5_K}. */
    Q5_K_S(16, GgmlType.Q5_K),
    /** Most tensors in {@link GgmlType#Q5_K}. */
    Q5_K_M(17, GgmlType.Q5_K),
    /** Most tensors in {@link GgmlType#Q6_K}. */
    Q6_K(18, GgmlType.Q6_K),
    /** Most tensors in {@link GgmlType#IQ2_XXS}. */
    IQ2_XXS(19, GgmlType.IQ2_XXS),
    /** Most tensors in {@link GgmlType#IQ2_XS}. */
    IQ2_XS(20, GgmlType.IQ2_XS),
    /** Most tensors in {@link GgmlType#Q2_K}. */
    Q2_K_S(21, GgmlType.Q2_K),
    /** Most tensors in {@link GgmlType#IQ3_S}. */
    IQ3_XS(22, GgmlType.IQ3_S),
    /** Most tensors in {@link GgmlType#IQ3_XXS}. */
    IQ3_XXS(23, GgmlType.IQ3_XXS),
    /** Most tensors in {@link GgmlType#IQ1_S}. */
    IQ1_S(24, GgmlType.IQ1_S),
    /** Most tensors in {@link GgmlType#IQ4_NL}. */
    IQ4_NL(25, GgmlType.IQ4_NL),
    /** Most tensors in {@link GgmlType#IQ3_S}. */
    IQ3_S(26, GgmlType.IQ3_S),
    /** Most tensors in {@link GgmlType#IQ3_S}. */
    IQ3_M(27, GgmlType.IQ3_S),
    /** Most tensors in {@link GgmlType#IQ2_XS}. */
    IQ2_S(28, GgmlType.IQ2_XS),
    /** Most tensors in {@link GgmlType#IQ2_S}. */
    IQ2_M(29, GgmlType.IQ2_S),
    /** Most tensors in {@link GgmlType#IQ4_XS}. */
    IQ4_XS(30, GgmlType.IQ4_XS),
    /** Most tensors in {@link GgmlType#IQ1_M}. */
    IQ1_M(31, GgmlType.IQ1_M),
    /** Most tensors in {@link GgmlType#BF16}. */
    BF16(32, GgmlType.BF16),
    /** Most tensors in {@link GgmlType#TQ1_0}. */
    TQ1_0(36, GgmlType.TQ1_0),
    /** Most tensors in {@link GgmlType#TQ2_0}. */
    TQ2_0(37, GgmlType.TQ2_0),
    /** Most tensors in {@link GgmlType#MXFP4}. */
    MXFP4_MOE(38, GgmlType.MXFP4),
    /** Most tensors in {@link GgmlType#Q1_0}. */
    Q1_0(40, GgmlType.Q1_0),
    /** Most tensors in {@link GgmlType#Q2_0}. */
    Q2_0(41, GgmlType.Q2_0);

    private final int id;
    private final GgmlType defaultType;

    FileType(int id, GgmlType defaultType) {
        this.id = id;
        this.defaultType = defaultType;
    }

    /**
     * {@return the file type with this number in {@code general.file_type}, if it can be written}
     *
     * @param id the number in a file
     */
    public static Optional<FileType> byId(long id) {
        for (FileType type : values()) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /**
     * Numbers that are only read: converters write them, or old versions did ({@code llama_ftype} in llama.h, v0.5.0).
     */
    private static final Map<Long, String> ONLY_READ = Map.of(
            4L, "Q4_1_SOME_F16",
            5L, "Q4_2",
            6L, "Q4_3",
            33L, "Q4_0_4_4",
            34L, "Q4_0_4_8",
            35L, "Q4_0_8_8",
            39L, "NVFP4",
            1024L, "GUESSED");

    /**
     * {@return the name for a number in {@code general.file_type}, whether or not such files can be written; empty for
     * unknown ones}
     *
     * @param id the number in a file
     */
    public static Optional<String> nameOf(long id) {
        return byId(id).map(Enum::name).or(() -> Optional.ofNullable(ONLY_READ.get(id)));
    }

    /**
     * {@return whether a name, in any case, is that of a file type that can be read and not be written}
     *
     * @param name in any case
     */
    public static boolean isOnlyRead(String name) {
        Objects.requireNonNull(name, "name");
        return ONLY_READ.containsValue(name.toUpperCase(Locale.ROOT));
    }

    /**
     * {@return the file type with this name, in any case; {@code Q3_K}, {@code Q4_K} and {@code Q5_K} stand for their M
     * mixtures, as in llama-quantize}
     *
     * @param name as {@link #name} has it, in any case, or one of the short forms
     * @throws IllegalArgumentException if there is none
     */
    public static FileType parse(String name) {
        Objects.requireNonNull(name, "name");
        String upper = name.toUpperCase(Locale.ROOT);
        if (upper.equals("Q3_K") || upper.equals("Q4_K") || upper.equals("Q5_K")) {
            return valueOf(upper + "_M");
        }
        for (FileType type : values()) {
            if (type.name().equals(upper)) {
                return type;
            }
        }
        String hint = isOnlyRead(name)
                ? ""
                : Similar.hint(name, Arrays.stream(values()).map(Enum::name).toList());
        throw new IllegalArgumentException(Escape.quote(name)
                + (isOnlyRead(name) ? " is a file type that cannot be written" : " is not a file type")
                + (hint.isEmpty() ? "; try Q4_K_M, Q6_K, Q8_0, F16" : hint));
    }

    /** {@return the number in {@code general.file_type}} */
    public int id() {
        return id;
    }

    /** {@return the tensor type that most tensors of such a file have} */
    public GgmlType defaultType() {
        return defaultType;
    }
}
