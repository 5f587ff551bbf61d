package io.github.expogguf.gguf;

/**
 * What this library accepts in a GGUF header, where the format leaves room or readers disagree.
 *
 * <table>
 * <caption>Decisions, enforced by {@link GgufReader} on reading and by {@link GgufLayout} on writing</caption>
 * <tr><th>subject</th><th>decision</th></tr>
 * <tr><td>version</td><td>2 and 3, little-endian; always written as 3</td></tr>
 * <tr><td>arithmetic</td><td>exact; every count and length is compared with the bytes left before anything is
 *     allocated</td></tr>
 * <tr><td>counts</td><td>at most {@link #MAX_ENTRIES} pairs and tensors: ggml's own reader compares each name with all
 *     before it, which takes part of a second at this limit and minutes soon
 *     after; models have hundreds</td></tr>
 * <tr><td>header</td><td>at most {@link #maxHeaderBytes}, 24 MiB unless {@value #HEADER_PROPERTY} says otherwise;
 *     vocabularies of 260,000 tokens and 500,000 pairs of them need some 15 MB</td></tr>
 * <tr><td>strings</td><td>at most {@link #MAX_STRINGS} in an array: ggml's own reader needs 64 bytes for each, however
 *     short; vocabularies have half a million</td></tr>
 * <tr><td>keys</td><td>1 to {@link #MAX_KEY_BYTES} bytes of UTF-8 without NUL, unique</td></tr>
 * <tr><td>values</td><td>kept byte for byte, NUL and malformed UTF-8 in strings included; a bool is 0 or 1; arrays
 *     do not nest; an empty array keeps its element type</td></tr>
 * <tr><td>general.alignment</td><td>UINT32, a power of two up to {@link #MAX_ALIGNMENT} (the specification also has 24
 *     and the like, which ggml rejects)</td></tr>
 * <tr><td>tensor names</td><td>1 to {@link #MAX_TENSOR_NAME_BYTES} bytes of UTF-8 without NUL, unique</td></tr>
 * <tr><td>shapes</td><td>1 to 4 dimensions of at least 1; rows of whole blocks; trailing ones are kept</td></tr>
 * <tr><td>types</td><td>those of {@link GgmlType}; numbers that ggml removed or does not know yet are
 *     rejected</td></tr>
 * <tr><td>offsets</td><td>the running sum of the padded sizes, as in ggml: no gaps, no overlap, no reordering</td></tr>
 * <tr><td>data</td><td>inside the file; only the padding of the last tensor may be missing; padding is not looked
 *     at; bytes after the data are accepted, as in ggml, see {@link GgufFile#trailingBytes}</td></tr>
 * </table>
 */
public final class GgufLimits {

    /** Most key/value pairs, and most tensors, of a file. */
    public static final int MAX_ENTRIES = 1 << 13;

    /** Most strings in an array. */
    public static final int MAX_STRINGS = 1 << 21;

    /** System property: most MiB before the data section, 1 to 1024. Memory for some copies of them is needed. */
    public static final String HEADER_PROPERTY = "expo.gguf.max.header.mib";

    /** System property: most MiB of a file of prompts, preferences or text, 1 to 1024. */
    public static final String TEXT_PROPERTY = "expo.gguf.max.text.mib";

    private static final int DEFAULT_HEADER_MIB = 24;
    private static final int DEFAULT_TEXT_MIB = 64;
    private static final int MAX_MIB = 1024; // arrays have to hold them

    /** Most that {@link #maxHeaderBytes} can be. */
    static final long MAX_BYTES = (long) MAX_MIB << 20;

    /** Longest key, in bytes (gguf.md). */
    public static final int MAX_KEY_BYTES = 65_535;

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
     * Most bytes before the data section, on reading and on writing.
     *
     * @throws IllegalArgumentException if the property {@value #HEADER_PROPERTY} is not a number from 1 to 1024
     */
    public static int maxHeaderBytes() {
        return bytes(HEADER_PROPERTY, DEFAULT_HEADER_MIB);
    }

    /**
     * Most bytes of a text that is read as a whole.
     *
     * @throws IllegalArgumentException if the property {@value #TEXT_PROPERTY} is not a number from 1 to 1024
     */
    public static int maxTextBytes() {
        return bytes(TEXT_PROPERTY, DEFAULT_TEXT_MIB);
    }

    private static int bytes(String property, int defaultMib) {
        String value = System.getProperty(property, Integer.toString(defaultMib));
        if (!value.matches("[0-9]{1,4}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > MAX_MIB) {
            throw new IllegalArgumentException(
                    property + " is '" + Escape.text(value) + "', expected 1 to " + MAX_MIB);
        }
        return Integer.parseInt(value) << 20;
    }

    static boolean isAlignment(long value) {
        return value >= 1 && value <= MAX_ALIGNMENT && Long.bitCount(value) == 1;
    }

    /** The next multiple of the alignment; throws ArithmeticException beyond 2^63. */
    static long pad(long bytes, int alignment) {
        return Math.addExact(bytes, alignment - 1) & -(long) alignment;
    }
}
