package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Similar;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Type of one tensor: how its values are packed into blocks. The numbers are those of {@code type_traits} in ggml.c of
 * ggml 0.25.1 and are compared with the loaded library when it is first used.
 *
 * <p>{@code id} is the number in a GGUF file, {@code blockSize} the elements of a block, {@code blockBytes} its bytes.
 */
public enum GgmlType {
    /** 32-bit floats, 4 bytes each. */
    F32(0, 1, 4, Kind.FLOAT),
    /** 16-bit floats, 2 bytes each. */
    F16(1, 1, 2, Kind.FLOAT),
    /** Blocks of 32 weights in 18 bytes: 4.5 bits per weight. */
    Q4_0(2, 32, 18, Kind.QUANTIZED),
    /** Blocks of 32 weights in 20 bytes: 5 bits per weight. */
    Q4_1(3, 32, 20, Kind.QUANTIZED),
    /** Blocks of 32 weights in 22 bytes: 5.5 bits per weight. */
    Q5_0(6, 32, 22, Kind.QUANTIZED),
    /** Blocks of 32 weights in 24 bytes: 6 bits per weight. */
    Q5_1(7, 32, 24, Kind.QUANTIZED),
    /** Blocks of 32 weights in 34 bytes: 8.5 bits per weight. */
    Q8_0(8, 32, 34, Kind.QUANTIZED),
    /** Blocks of 32 weights in 36 bytes: 9 bits per weight. */
    Q8_1(9, 32, 36, Kind.QUANTIZED),
    /** Blocks of 256 weights in 84 bytes: 2.625 bits per weight. */
    Q2_K(10, 256, 84, Kind.QUANTIZED),
    /** Blocks of 256 weights in 110 bytes: 3.4375 bits per weight. */
    Q3_K(11, 256, 110, Kind.QUANTIZED),
    /** Blocks of 256 weights in 144 bytes: 4.5 bits per weight. */
    Q4_K(12, 256, 144, Kind.QUANTIZED),
    /** Blocks of 256 weights in 176 bytes: 5.5 bits per weight. */
    Q5_K(13, 256, 176, Kind.QUANTIZED),
    /** Blocks of 256 weights in 210 bytes: 6.5625 bits per weight. */
    Q6_K(14, 256, 210, Kind.QUANTIZED),
    /** Blocks of 256 weights in 292 bytes: 9.125 bits per weight. */
    Q8_K(15, 256, 292, Kind.QUANTIZED),
    /** Blocks of 256 weights in 66 bytes: 2.0625 bits per weight. */
    IQ2_XXS(16, 256, 66, Kind.QUANTIZED),
    /** Blocks of 256 weights in 74 bytes: 2.3125 bits per weight. */
    IQ2_XS(17, 256, 74, Kind.QUANTIZED),
    /** Blocks of 256 weights in 98 bytes: 3.0625 bits per weight. */
    IQ3_XXS(18, 256, 98, Kind.QUANTIZED),
    /** Blocks of 256 weights in 50 bytes: 1.5625 bits per weight. */
    IQ1_S(19, 256, 50, Kind.QUANTIZED),
    /** Blocks of 32 weights in 18 bytes: 4.5 bits per weight. */
    IQ4_NL(20, 32, 18, Kind.QUANTIZED),
    /** Blocks of 256 weights in 110 bytes: 3.4375 bits per weight. */
    IQ3_S(21, 256, 110, Kind.QUANTIZED),
    /** Blocks of 256 weights in 82 bytes: 2.5625 bits per weight. */
    IQ2_S(22, 256, 82, Kind.QUANTIZED),
    /** Blocks of 256 weights in 136 bytes: 4.25 bits per weight. */
    IQ4_XS(23, 256, 136, Kind.QUANTIZED),
    /** Integers of 8 bits, 1 byte each. */
    I8(24, 1, 1, Kind.INTEGER),
    /** Integers of 16 bits, 2 bytes each. */
    I16(25, 1, 2, Kind.INTEGER),
    /** Integers of 32 bits, 4 bytes each. */
    I32(26, 1, 4, Kind.INTEGER),
    /** Integers of 64 bits, 8 bytes each. */
    I64(27, 1, 8, Kind.INTEGER),
    /** 64-bit floats, 8 bytes each. */
    F64(28, 1, 8, Kind.FLOAT),
    /** Blocks of 256 weights in 56 bytes: 1.75 bits per weight. */
    IQ1_M(29, 256, 56, Kind.QUANTIZED),
    /** 16-bit floats, 2 bytes each. */
    BF16(30, 1, 2, Kind.FLOAT),
    /** Blocks of 256 weights in 54 bytes: 1.6875 bits per weight. */
    TQ1_0(34, 256, 54, Kind.QUANTIZED),
    /** Blocks of 256 weights in 66 bytes: 2.0625 bits per weight. */
    TQ2_0(35, 256, 66, Kind.QUANTIZED),
    /** Blocks of 32 weights in 17 bytes: 4.25 bits per weight. */
    MXFP4(39, 32, 17, Kind.QUANTIZED),
    /** Blocks of 64 weights in 36 bytes: 4.5 bits per weight. */
    NVFP4(40, 64, 36, Kind.QUANTIZED),
    /** Blocks of 128 weights in 18 bytes: 1.125 bits per weight. */
    Q1_0(41, 128, 18, Kind.QUANTIZED),
    /** Blocks of 64 weights in 18 bytes: 2.25 bits per weight. */
    Q2_0(42, 64, 18, Kind.QUANTIZED);

    private enum Kind {
        FLOAT,
        INTEGER,
        QUANTIZED
    }

    /** The version of ggml whose types these are. */
    public static final String GGML_VERSION = "0.25.1";

    static final int MAX_ID = 42;

    private static final GgmlType[] BY_ID = new GgmlType[MAX_ID + 1];

    static {
        for (GgmlType type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;
    private final int blockSize;
    private final int blockBytes;
    private final Kind kind;

    GgmlType(int id, int blockSize, int blockBytes, Kind kind) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.kind = kind;
    }

    /**
     * {@return the type with this number in GGUF files; empty for removed and unknown numbers}
     *
     * @param id number of the type, ggml's {@code ggml_type}
     */
    public static Optional<GgmlType> byId(int id) {
        return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[id]);
    }

    /**
     * {@return the type with this name, in upper or lower case ({@code q4_K}, {@code Q4_K})}
     *
     * @param name as llama.cpp writes it, in any case
     * @throws IllegalArgumentException if there is none
     */
    public static GgmlType parse(String name) {
        Objects.requireNonNull(name, "name");
        for (GgmlType type : values()) {
            if (type.name().equalsIgnoreCase(name)) {
                return type;
            }
        }
        List<String> names = Arrays.stream(values()).map(Enum::name).toList();
        throw new IllegalArgumentException(Escape.quote(name) + " is not a tensor type, as Q4_K, Q6_K, Q8_0 and F16 are"
                + Similar.hint(name, names));
    }

    /** {@return the number of the type in GGUF files} */
    public int id() {
        return id;
    }

    /** {@return elements in a block} */
    public int blockSize() {
        return blockSize;
    }

    /** {@return bytes of a block} */
    public int blockBytes() {
        return blockBytes;
    }

    /** {@return whether values share scales in blocks ({@code ggml_is_quantized})} */
    public boolean isQuantized() {
        return kind == Kind.QUANTIZED;
    }

    /** {@return whether this holds integers, which are copied and never extrapolated} */
    public boolean isInteger() {
        return kind == Kind.INTEGER;
    }

    /** {@return the average bits of a value} */
    public double bitsPerWeight() {
        return 8.0 * blockBytes / blockSize;
    }

    /**
     * {@return bytes of a row}
     *
     * @param rowLength elements, a multiple of the block size
     * @throws IllegalArgumentException if it is not
     * @throws ArithmeticException      if the bytes do not fit into a long
     */
    public long rowBytes(long rowLength) {
        if (rowLength < 0 || rowLength % blockSize != 0) {
            throw new IllegalArgumentException(
                    "row length " + rowLength + " is not a multiple of " + blockSize + " (block size of " + this + ")");
        }
        return Math.multiplyExact(rowLength / blockSize, (long) blockBytes);
    }

    /** {@return ggml's own spelling, as in {@code q4_K} ({@code ggml_type_name})} */
    public String ggmlName() {
        String lower = name().toLowerCase(Locale.ROOT);
        return lower.endsWith("_k") ? lower.substring(0, lower.length() - 1) + "K" : lower;
    }
}
