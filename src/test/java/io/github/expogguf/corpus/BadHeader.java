package io.github.expogguf.corpus;

import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.small;

import io.github.expogguf.gguf.GgufBytes;

/** The first 24 bytes: magic number, version, counts. */
public enum BadHeader implements BytesCase {
    MAGIC_OF_GGML(file().magic("GGML"), "not a GGUF file: starts with 'GGML', expected 'GGUF' (at byte 0)"),
    MAGIC_OF_ZIP(file().magic("PK\3\4"), "not a GGUF file: starts with 'PK\\x03\\x04', expected 'GGUF' (at byte 0)"),
    MAGIC_IN_LOWER_CASE(small().magic("gguf"), "not a GGUF file: starts with 'gguf', expected 'GGUF' (at byte 0)"),
    MAGIC_BACKWARDS(small().magic("FUGG"), "not a GGUF file: starts with 'FUGG', expected 'GGUF' (at byte 0)"),
    MAGIC_OF_ESCAPE_SEQUENCES(
            small().magic("\33[2J"), "not a GGUF file: starts with '\\x1b[2J', expected 'GGUF' (at byte 0)"),
    MAGIC_OF_ZEROS(
            small().magic("\0\0\0\0"),
            "not a GGUF file: starts with '\\x00\\x00\\x00\\x00', expected 'GGUF' (at byte 0)"),
    GIT_LFS_POINTER(
            file().magic("version https://git-lfs.github.com/spec/v1\n"),
            "not a GGUF file but perhaps a Git LFS pointer to one: starts with 'vers' (at byte 0)"),
    VERSION_0(file().version(0), "unknown GGUF version 0, expected 2 or 3 (at byte 4)"),
    VERSION_1(file().version(1), "GGUF version 1, which llama.cpp gave up in 2023, expected 2 or 3 (at byte 4)"),
    VERSION_4(small().version(4), "unknown GGUF version 4, expected 2 or 3 (at byte 4)"),
    VERSION_MINUS_1(file().version(-1), "unknown GGUF version 4294967295, expected 2 or 3 (at byte 4)"),
    VERSION_WITH_HIGH_BITS(small().version(0x1_0003), "unknown GGUF version 65539, expected 2 or 3 (at byte 4)"),
    BIG_ENDIAN_VERSION_3(file().version(0x0300_0000), "big-endian GGUF version 3, expected little-endian (at byte 4)"),
    BIG_ENDIAN_VERSION_2(small().version(0x0200_0000), "big-endian GGUF version 2, expected little-endian (at byte 4)"),
    MINUS_1_TENSORS(
            file().tensorCount(-1),
            "18446744073709551615 tensors, expected at most 8192;"
                    + " java -Dexpo.gguf.max.entries=65536 allows up to 65536 (at byte 8)"),
    TENSORS_ABOVE_THE_LIMIT(
            file().tensorCount(8_193),
            "8193 tensors, expected at most 8192;" + " java -Dexpo.gguf.max.entries=16384 allows more (at byte 8)"),
    TENSORS_OF_2_TO_THE_63(
            small().tensorCount(Long.MIN_VALUE),
            "9223372036854775808 tensors, expected at most 8192;"
                    + " java -Dexpo.gguf.max.entries=65536 allows up to 65536 (at byte 8)"),
    A_TENSOR_THAT_IS_NOT_THERE(
            file().tensorCount(1), "1 tensors need at least 33 bytes each, but the file ends after 8 (at byte 8)"),
    MORE_TENSORS_THAN_BYTES(
            small().tensorCount(4_096), "4096 tensors need at least 33 bytes each, but the file ends after"),
    MINUS_1_PAIRS(
            small().pairCount(-1),
            "18446744073709551615 key/value pairs, expected at most 4096;"
                    + " java -Dexpo.gguf.max.entries=65536 allows up to 65536 (at byte 16)"),
    PAIRS_ABOVE_THE_LIMIT(
            small().pairCount(4_097),
            "4097 key/value pairs, expected at most 4096;"
                    + " java -Dexpo.gguf.max.entries=8192 allows more (at byte 16)"),
    A_PAIR_THAT_IS_NOT_THERE(
            file().pairCount(1),
            "1 key/value pairs need at least 14 bytes each, but the file ends after 0 (at byte 16)"),
    ONE_PAIR_TOO_MANY(
            file().uint32("a", 1).pairCount(2),
            "2 key/value pairs need at least 14 bytes each, but the file ends after 17 (at byte 16)"),
    ONE_PAIR_TOO_MANY_AFTER_A_LONG_ONE(
            file().string("a", "b".repeat(40)).pairCount(2),
            "key 1: length of key needs 8 bytes, but the file ends after 0 (at byte 85)"),
    ONE_PAIR_TOO_FEW(small().pairCount(2), "tensor 'tags': 9 dimensions, expected 1 to 4"),
    NO_PAIRS_WHERE_THERE_ARE(small().pairCount(0), "tensor 'general.architecture': 8 dimensions, expected 1 to 4"),
    MORE_TENSORS_THAN_IN_THE_TABLE(small().tensorCount(3), "tensor 2: name ");

    private final GgufBytes bytes;
    private final String words;

    BadHeader(GgufBytes bytes, String words) {
        this.bytes = bytes;
        this.words = words;
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
