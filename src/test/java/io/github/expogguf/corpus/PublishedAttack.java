package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.ARRAY;
import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.FLOAT32;
import static io.github.expogguf.corpus.Gguf.I64;
import static io.github.expogguf.corpus.Gguf.I8;
import static io.github.expogguf.corpus.Gguf.MAX;
import static io.github.expogguf.corpus.Gguf.STRING;
import static io.github.expogguf.corpus.Gguf.UINT32;
import static io.github.expogguf.corpus.Gguf.UINT64;
import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.concat;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.text;

import io.github.expogguf.gguf.GgufBytes;

/**
 * Files of the kind that published vulnerabilities of GGUF readers needed, by the name under which they became known.
 * The ggml of this library refuses every one: what it lets through is tested with numbers alone.
 */
public enum PublishedAttack implements BytesCase {
    CVE_2024_25664_KEY_COUNT_WRAPS(
            file().pairCount(1L << 60),
            "1152921504606846976 key/value pairs, expected at most 4096;"
                    + " java -Dexpo.gguf.max.entries=65536 allows up to 65536 (at byte 16)"),
    CVE_2024_25665_STRING_LENGTH_WRAPS(
            file().rawPair(text("k"), STRING, text(-1, ascii("abc"))),
            "key 'k': string of 18446744073709551615 bytes, but the file ends after 3 (at byte 37)"),
    CVE_2024_25666_TENSOR_COUNT_WRAPS(
            file().tensorCount(1L << 59),
            "576460752303423488 tensors, expected at most 8192;"
                    + " java -Dexpo.gguf.max.entries=65536 allows up to 65536 (at byte 8)"),
    CVE_2024_25667_ARRAY_COUNT_WRAPS(
            file().array("k", UINT64, 1L << 61, new byte[8]),
            "key 'k': 2305843009213693952 array elements need at least"),
    CVE_2024_25668_STRING_ARRAY_COUNT_WRAPS(
            file().array("k", STRING, 1L << 61, new byte[8]),
            "key 'k': 2305843009213693952 array elements need at least"),
    CVE_2024_21825_STRING_ARRAY_WRAPS(
            file().array("k", STRING, 1L << 60, new byte[16]),
            "key 'k': 1152921504606846976 array elements need at least"),
    CVE_2024_23496_STRING_OF_2_TO_THE_63(
            file().rawPair(text("k"), STRING, text(1L << 63, ascii("abc"))),
            "key 'k': string of 9223372036854775808 bytes, but the file ends after 3 (at byte 37)"),
    CVE_2024_21802_FIVE_DIMENSIONS(
            file().rawTensor(text("a"), 5, F32, 0, 1, 1, 1, 1, 1).data(32),
            "tensor 'a': 5 dimensions, expected 1 to 4, the limit of ggml (GGML_MAX_DIMS) (at byte 33)"),
    CVE_2024_21802_255_DIMENSIONS(
            file().rawTensor(text("a"), 255, F32, 0, new long[255]).data(32),
            "tensor 'a': 255 dimensions, expected 1 to 4, the limit of ggml (GGML_MAX_DIMS) (at byte 33)"),
    OSS_SECURITY_2026_05_15_DIMENSIONS_EXHAUST_MEMORY(
            file().rawTensor(text("a"), -1, F32, 0, 1).data(32),
            "tensor 'a': 4294967295 dimensions, expected 1 to 4, the limit of ggml (GGML_MAX_DIMS) (at byte 33)"),
    CVE_2024_21836_TENSOR_COUNT_TIMES_SIZE_WRAPS(
            file().tensorCount(Long.divideUnsigned(-1, 88) + 1), "209622091746699451 tensors, expected at most 8192"),
    CVE_2024_23605_KEY_COUNT_TIMES_SIZE_WRAPS(
            file().pairCount(Long.divideUnsigned(-1, 48) + 1), "384307168202282326 key/value pairs, expected at most"),
    GHSA_15711_TENSOR_COUNT_TIMES_OVERHEAD_WRAPS(
            file().tensorCount(MAX / 368), "25063510969714064 tensors, expected at most 8192"),
    ISSUE_8816_BLOCK_SIZE_ZERO(
            file().tensor("a", 5, 0, 256).data(256),
            "tensor 'a': type 5 was removed from ggml (Q4_3)"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    CVE_2025_53630_SUM_OF_SIZES_WRAPS(
            file().tensor("a", I8, 0, 0x7FFF_FFFF_FFFF_FFC0L)
                    .tensor("b", I8, 0x7FFF_FFFF_FFFF_FFC0L, 0x7FFF_FFFF_FFFF_FFC0L)
                    .tensor("c", I8, -128, 256)
                    .data(256),
            "tensor 'b': data of 9223372036854775744 values of I8 ends beyond 2^63 bytes (at byte 82)"),
    CVE_2026_33298_BYTE_SIZE_WRAPS(
            file().tensor("a", I64, 0, 1_530_000_000, 1_530_000_000).data(32),
            "tensor 'a': data of 1530000000x1530000000 values of I64 ends beyond 2^63 bytes (at byte 57)"),
    PR_19856_STRING_ABOVE_2_TO_THE_30(
            file().rawPair(text("k"), STRING, text((1L << 30) + 1, ascii("abc"))),
            "key 'k': string of 1073741825 bytes, but the file ends after 3 (at byte 37)"),
    PR_19856_ARRAY_ABOVE_2_TO_THE_30(
            file().array("k", UINT64, (1L << 30) + 1, new byte[8]),
            "key 'k': 1073741825 array elements need at least 8 bytes each"),
    PR_19856_NEGATIVE_TENSOR_TYPE(
            file().tensor("a", -1, 0, 256).data(256),
            "tensor 'a': type -1 is unknown, ggml 0.25.1 has 0 to 42 (at byte 45)"),
    OSS_SECURITY_2026_05_15_BUSY_LOOP_OVER_AN_ARRAY(
            file().array("k", FLOAT32, 1L << 30, new byte[478]),
            "key 'k': 1073741824 array elements need at least 4 bytes each"),
    ISSUE_24884_EMPTY_KEY(file().rawPair(text(""), UINT32, new byte[4]), "key 0: key is empty (at byte 24)"),
    CVE_2024_12055_ALIGNMENT_ZERO(
            file().uint32("general.alignment", 0),
            "key 'general.alignment': alignment 0, expected a power of two from 1 to 65536 (at byte 53)"),
    CVE_2025_66959_GO_SLICE_OF_NEGATIVE_LENGTH(
            file().rawPair(text(1L << 63, ascii("abc")), STRING, text("")),
            "key 0: key of 9223372036854775808 bytes, but the file ends after 15 (at byte 24)"),
    CVE_2025_66960_EMPTY_STRING_OF_VERSION_1(
            file().version(1).string("", ""),
            "GGUF version 1, which llama.cpp gave up in 2023, expected 2 or 3 (at byte 4)"),
    CTRANSFORMERS_TYPE_INDEX(
            file().tensor("a", 43, 0, 256).data(256),
            "tensor 'a': type 43 is unknown, ggml 0.25.1 has 0 to 42 (at byte 45)"),
    STACK_OVERFLOW_BY_NESTED_ARRAYS(
            file().rawPair(text("k"), ARRAY, nested(10_000)),
            "key 'k': array of arrays, which ggml does not read either (at byte 37)");

    private final GgufBytes bytes;
    private final String words;

    PublishedAttack(GgufBytes bytes, String words) {
        this.bytes = bytes;
        this.words = words;
    }

    private static byte[] nested(int depth) {
        byte[] one = little(12).putInt(ARRAY).putLong(1).array();
        byte[][] all = new byte[depth][];
        java.util.Arrays.fill(all, one);
        return concat(all);
    }

    @Override
    public GgufBytes bytes() {
        return bytes;
    }

    @Override
    public String words() {
        return words;
    }
}
