package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
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
    F32(0, 1, 4, Kind.FLOAT),
    F16(1, 1, 2, Kind.FLOAT),
    Q4_0(2, 32, 18, Kind.QUANTIZED),
    Q4_1(3, 32, 20, Kind.QUANTIZED),
    Q5_0(6, 32, 22, Kind.QUANTIZED),
    Q5_1(7, 32, 24, Kind.QUANTIZED),
    Q8_0(8, 32, 34, Kind.QUANTIZED),
    Q8_1(9, 32, 36, Kind.QUANTIZED),
    Q2_K(10, 256, 84, Kind.QUANTIZED),
    Q3_K(11, 256, 110, Kind.QUANTIZED),
    Q4_K(12, 256, 144, Kind.QUANTIZED),
    Q5_K(13, 256, 176, Kind.QUANTIZED),
    Q6_K(14, 256, 210, Kind.QUANTIZED),
    Q8_K(15, 256, 292, Kind.QUANTIZED),
    IQ2_XXS(16, 256, 66, Kind.QUANTIZED),
    IQ2_XS(17, 256, 74, Kind.QUANTIZED),
    IQ3_XXS(18, 256, 98, Kind.QUANTIZED),
    IQ1_S(19, 256, 50, Kind.QUANTIZED),
    IQ4_NL(20, 32, 18, Kind.QUANTIZED),
    IQ3_S(21, 256, 110, Kind.QUANTIZED),
    IQ2_S(22, 256, 82, Kind.QUANTIZED),
    IQ4_XS(23, 256, 136, Kind.QUANTIZED),
    I8(24, 1, 1, Kind.INTEGER),
    I16(25, 1, 2, Kind.INTEGER),
    I32(26, 1, 4, Kind.INTEGER),
    I64(27, 1, 8, Kind.INTEGER),
    F64(28, 1, 8, Kind.FLOAT),
    IQ1_M(29, 256, 56, Kind.QUANTIZED),
    BF16(30, 1, 2, Kind.FLOAT),
    TQ1_0(34, 256, 54, Kind.QUANTIZED),
    TQ2_0(35, 256, 66, Kind.QUANTIZED),
    MXFP4(39, 32, 17, Kind.QUANTIZED),
    NVFP4(40, 64, 36, Kind.QUANTIZED),
    Q1_0(41, 128, 18, Kind.QUANTIZED),
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

    /** The type with this number in GGUF files; empty for removed and unknown numbers. */
    public static Optional<GgmlType> byId(int id) {
        return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[id]);
    }

    /**
     * The type with this name, in upper or lower case ({@code q4_K}, {@code Q4_K}).
     *
     * @throws IllegalArgumentException if there is none
     */
    public static GgmlType parse(String name) {
        Objects.requireNonNull(name, "name");
        for (GgmlType type : values()) {
            if (type.name().equalsIgnoreCase(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException(Escape.quote(name) + " is not a tensor type; try Q4_K, Q6_K, Q8_0, F16");
    }

    /** Number of the type in GGUF files. */
    public int id() {
        return id;
    }

    /** Elements in a block. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether values share scales in blocks ({@code ggml_is_quantized}). */
    public boolean isQuantized() {
        return kind == Kind.QUANTIZED;
    }

    /** Whether this holds integers, which are copied and never extrapolated. */
    public boolean isInteger() {
        return kind == Kind.INTEGER;
    }

    /** Average bits of a value. */
    public double bitsPerWeight() {
        return 8.0 * blockBytes / blockSize;
    }

    /**
     * Bytes of a row.
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

    /** ggml's own spelling, as in {@code q4_K} ({@code ggml_type_name}). */
    public String ggmlName() {
        String lower = name().toLowerCase(Locale.ROOT);
        return lower.endsWith("_k") ? lower.substring(0, lower.length() - 1) + "K" : lower;
    }
}
