package io.github.expogguf.gguf;

import io.github.expogguf.text.Escape;
import java.util.Objects;

/**
 * What this library accepts in a GGUF header, where the format leaves room or readers disagree.
 *
 * <table>
 * <caption>Decisions, enforced by {@link GgufReader} on reading and by {@link GgufLayout} on writing</caption>
 * <tr><th>subject</th><th>decision</th></tr>
 * <tr><td>version</td><td>2 and 3, little-endian; always written as 3</td></tr>
 * <tr><td>arithmetic</td><td>exact; every count and length is compared with the bytes left before anything is
 *     allocated</td></tr>
 * <tr><td>counts</td><td>at most {@link #maxPairs} pairs and {@link #maxTensors} tensors, 4,096 and 8,192 unless
 *     {@value #ENTRIES_PROPERTY} says otherwise: ggml's own reader compares each name with all before it, so that twice
 *     as many take four times as long; language models have hundreds of tensors, very few two thousand, models of
 *     videos up to 4,300</td></tr>
 * <tr><td>header</td><td>at most {@link #maxHeaderBytes}, 20 MiB unless {@value #HEADER_PROPERTY} says otherwise;
 *     vocabularies of 260,000 tokens and 500,000 pairs of them need some 15 MB; the shards of a set have no more
 *     together</td></tr>
 * <tr><td>strings</td><td>at most {@link #maxStrings} in all arrays together, 1,048,576 unless {@value
 * #STRINGS_PROPERTY} says
 *     otherwise: ggml's own reader needs 64 bytes for each, however short</td></tr>
 * <tr><td>keys</td><td>1 to {@link #MAX_KEY_BYTES} bytes of UTF-8 without NUL, unique</td></tr>
 * <tr><td>values</td><td>kept byte for byte, NUL and malformed UTF-8 in strings included; a bool is 0 or 1; arrays
 *     do not nest; an empty array keeps its element type</td></tr>
 * <tr><td>general.alignment</td><td>UINT32, a power of two up to {@link #MAX_ALIGNMENT} (the specification also has 24
 *     and the like, which ggml rejects)</td></tr>
 * <tr><td>tensor names</td><td>1 to {@link #MAX_TENSOR_NAME_BYTES} bytes of UTF-8 without NUL, unique; the length is
 * ggml's limit,
 *     and nothing raises it</td></tr>
 * <tr><td>shapes</td><td>1 to 4 dimensions of at least 1, ggml's limit, too; rows of whole blocks; trailing ones are
 * kept</td></tr>
 * <tr><td>types</td><td>those of {@link GgmlType}; numbers that ggml removed or does not know yet are
 *     rejected</td></tr>
 * <tr><td>offsets</td><td>the running sum of the padded sizes, as in ggml: no gaps, no overlap, no reordering</td></tr>
 * <tr><td>data</td><td>inside the file; only the padding of the last tensor may be missing; padding is not looked
 *     at; bytes after the data are accepted, as in ggml, see {@link GgufFile#trailingBytes}</td></tr>
 * </table>
 */
public final class GgufLimits {

    /** System property: most MiB before the data section, 1 to 1024. Memory for some copies of them is needed. */
    public static final String HEADER_PROPERTY = "expo.gguf.max.header.mib";

    /** System property: most key/value pairs, and most tensors, of a file, 1 to 65,536; sets both. */
    public static final String ENTRIES_PROPERTY = "expo.gguf.max.entries";

    /** System property: most strings in all arrays of a file together, 1 to 134,217,728. */
    public static final String STRINGS_PROPERTY = "expo.gguf.max.strings";

    /** System property: most MiB of a file of prompts, preferences or text, 1 to 1024. */
    public static final String TEXT_PROPERTY = "expo.gguf.max.text.mib";

    private static final int DEFAULT_HEADER_MIB = 20;
    private static final int DEFAULT_TEXT_MIB = 64;
    private static final int DEFAULT_PAIRS = 1 << 12;
    private static final int DEFAULT_TENSORS = 1 << 13;
    private static final int DEFAULT_STRINGS = 1 << 20;
    private static final int MAX_MIB = 1024; // arrays have to hold them
    private static final int MAX_ENTRIES = 1 << 16; // ggml takes minutes to compare so many names
    private static final int MAX_STRINGS = MAX_MIB << (20 - 3); // each has a length of eight bytes

    /** Most that {@link #maxHeaderBytes} can be. */
    static final long MAX_BYTES = (long) MAX_MIB << 20;

    /** Longest key, in bytes (gguf.md). */
    public static final int MAX_KEY_BYTES = 65_535;

    /** Whose limit that is, for messages. */
    static final String WHOSE_KEYS = "the limit of the GGUF format";

    /** Whose limits of names and dimensions those are, for messages. */
    static final String WHOSE_NAMES =
            "the limit of ggml as llama.cpp builds it (GGML_MAX_NAME, 64 with the NUL at the end)";

    static final String WHOSE_DIMENSIONS = "the limit of ggml (GGML_MAX_DIMS)";

    /** Longest tensor name, in bytes ({@code GGML_MAX_NAME} less the NUL that ends it). */
    public static final int MAX_TENSOR_NAME_BYTES = 63;

    /** Largest {@code general.alignment}. */
    public static final int MAX_ALIGNMENT = 1 << 16;

    /** Alignment of files that do not state it ({@code GGUF_DEFAULT_ALIGNMENT}). */
    public static final int DEFAULT_ALIGNMENT = 32;

    /** Key of the alignment. */
    static final String ALIGNMENT_KEY = "general.alignment";

    private GgufLimits() {}

    /**
     * {@return the most bytes before the data section, on reading and on writing}
     *
     * @throws IllegalArgumentException if the property {@value #HEADER_PROPERTY} is not a number from 1 to 1024
     */
    public static int maxHeaderBytes() {
        return number(HEADER_PROPERTY, DEFAULT_HEADER_MIB, MAX_MIB) << 20;
    }

    /**
     * {@return the most bytes of a text that is read as a whole}
     *
     * @throws IllegalArgumentException if the property {@value #TEXT_PROPERTY} is not a number from 1 to 1024
     */
    public static int maxTextBytes() {
        return number(TEXT_PROPERTY, DEFAULT_TEXT_MIB, MAX_MIB) << 20;
    }

    /**
     * {@return the most key/value pairs of a file, on reading and on writing; also most rules of a recipe}
     *
     * @throws IllegalArgumentException if the property {@value #ENTRIES_PROPERTY} is not a number from 1 to 65,536
     */
    public static int maxPairs() {
        return number(ENTRIES_PROPERTY, DEFAULT_PAIRS, MAX_ENTRIES);
    }

    /**
     * {@return the most tensors of a file, on reading and on writing}
     *
     * @throws IllegalArgumentException if the property {@value #ENTRIES_PROPERTY} is not a number from 1 to 65,536
     */
    public static int maxTensors() {
        return number(ENTRIES_PROPERTY, DEFAULT_TENSORS, MAX_ENTRIES);
    }

    /**
     * {@return the most strings in all arrays of a file together, on reading and on writing}
     *
     * @throws IllegalArgumentException if the property {@value #STRINGS_PROPERTY} is not a number from 1 to 134,217,728
     */
    public static int maxStrings() {
        return number(STRINGS_PROPERTY, DEFAULT_STRINGS, MAX_STRINGS);
    }

    /**
     * {@return how to raise a limit, for messages: the option of {@code java} that allows what was refused, as in
     * {@code java -Dexpo.gguf.max.entries=16384 allows more}}
     *
     * @param property one of those above
     * @param needed   what was refused, in the unit of the property; negative for 2^63 and more
     */
    public static String wayOut(String property, long needed) {
        Objects.requireNonNull(property, "property");
        long most = switch (property) {
            case ENTRIES_PROPERTY -> MAX_ENTRIES;
            case STRINGS_PROPERTY -> MAX_STRINGS;
            case HEADER_PROPERTY, TEXT_PROPERTY -> MAX_MIB;
            default -> throw new IllegalArgumentException(property);
        };
        String option = "java -D" + property + "=";
        if (needed < 0 || needed > most) {
            return option + most + " allows up to " + most;
        }
        return option + Long.highestOneBit(Math.max(1, 2 * needed - 1)) + " allows more";
    }

    /**
     * Same for a number of bytes where the unit is MiB.
     *
     * @param property    the system property that raises the limit
     * @param neededBytes what the file at hand needs
     * @return what to do, for a message
     */
    public static String wayOutOfBytes(String property, long neededBytes) {
        Objects.requireNonNull(property, "property");
        return wayOut(property, neededBytes < 0 ? -1 : 1 + ((neededBytes - 1) >> 20));
    }

    private static int number(String property, int byDefault, int most) {
        String value = System.getProperty(property, Integer.toString(byDefault));
        if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > most) {
            throw new IllegalArgumentException(property + " is '" + Escape.text(value) + "', expected 1 to " + most);
        }
        return Integer.parseInt(value);
    }

    static boolean isAlignment(long value) {
        return value >= 1 && value <= MAX_ALIGNMENT && Long.bitCount(value) == 1;
    }

    /** The next multiple of the alignment; throws ArithmeticException beyond 2^63. */
    static long pad(long bytes, int alignment) {
        return Math.addExact(bytes, alignment - 1) & -(long) alignment;
    }
}
