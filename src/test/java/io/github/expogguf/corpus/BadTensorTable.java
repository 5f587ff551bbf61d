package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.Q4_K;
import static io.github.expogguf.corpus.Gguf.Q8_0;
import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.small;
import static io.github.expogguf.gguf.GgufBytes.text;

import io.github.expogguf.gguf.GgufBytes;

/** The tensor table: names, shapes, types, offsets. */
public enum BadTensorTable implements BytesCase {
    EMPTY_NAME(file().tensor("", F32, 0, 8).data(32), "tensor 0: name is empty (at byte 24)"),
    NAME_ABOVE_THE_LIMIT(
            file().tensor("n".repeat(64), F32, 0, 8).data(32),
            "tensor 0: name of 64 bytes, expected at most 63, the limit of ggml as llama.cpp builds it (GGML_MAX_NAME,"
                    + " 64 with the NUL at the end) (at byte 24)"),
    NAME_WITH_NUL(file().tensor("a\0", F32, 0, 8).data(32), "tensor 0: name 'a\\x00' contains a NUL byte (at byte 32)"),
    NAME_THAT_IS_NOT_UTF_8(
            file().rawTensor(text(ascii("\u00c3(")), 1, F32, 0, 8).data(32),
            "tensor 0: name 'Ã(' is not UTF-8 (at byte 32)"),
    NAME_OF_2_TO_THE_62(
            file().rawTensor(text(1L << 62, ascii("a")), 1, F32, 0, 8).data(32),
            "tensor 0: name of 4611686018427387904 bytes, but the file ends after 64 (at byte 24)"),
    NAME_TWICE(
            file().tensor("a", F32, 0, 8).tensor("a", F32, 32, 8).data(64), "tensor 'a': appears twice (at byte 66)"),
    NAME_OF_ESCAPE_SEQUENCES_TWICE(
            file().tensor("\33[2J\u2066", F32, 0, 8)
                    .tensor("\33[2J\u2066", F32, 32, 8)
                    .data(64),
            "tensor '\\x1b[2J\\u{2066}': appears twice"),
    NO_DIMENSIONS(
            file().rawTensor(text("a"), 0, F32, 0).data(32), "tensor 'a': 0 dimensions, expected 1 to 4 (at byte 33)"),
    DIMENSIONS_OF_2_TO_THE_31(
            small().rawTensor(text("c"), Integer.MIN_VALUE, F32, 96, 1).data(128),
            "tensor 'c': 2147483648 dimensions, expected 1 to 4"),
    NEGATIVE_DIMENSION(
            file().tensor("a", F32, 0, -1).data(32),
            "tensor 'a': dimension 0 is 18446744073709551615, expected 1 to 2^63 - 1 (at byte 37)"),
    DIMENSION_OF_2_TO_THE_63(
            file().tensor("a", F32, 0, 1, Long.MIN_VALUE).data(32),
            "tensor 'a': dimension 1 is 9223372036854775808, expected 1 to 2^63 - 1 (at byte 45)"),
    ELEMENTS_ABOVE_2_TO_THE_63(
            file().tensor("a", F32, 0, 3_037_000_500L, 3_037_000_500L).data(32),
            "tensor 'a': shape 3037000500x3037000500 has 2^63 elements or more (at byte 37)"),
    PARTIAL_BLOCK(
            file().tensor("a", Q4_K, 0, 4_095, 2).data(32),
            "tensor 'a': row length 4095 is not a multiple of 256 (block size of Q4_K) (at byte 53)"),
    BLOCKS_ACROSS_ROWS(
            file().tensor("a", Q8_0, 0, 1, 32).data(64),
            "tensor 'a': row length 1 is not a multiple of 32 (block size of Q8_0) (at byte 53)"),
    PARTIAL_TERNARY_BLOCK(
            file().tensor("a", 34, 0, 128, 2).data(64),
            "tensor 'a': row length 128 is not a multiple of 256 (block size of TQ1_0) (at byte 53)"),
    TYPE_THAT_ONCE_WAS_Q4_2(
            removed(4),
            "tensor 'a': type 4 was removed from ggml (Q4_2)"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_THAT_ONCE_WAS_Q4_0_4_4(
            removed(31),
            "tensor 'a': type 31 was removed from ggml (Q4_0_4_4)"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_THAT_ONCE_WAS_Q4_0_4_8(
            removed(32),
            "tensor 'a': type 32 was removed from ggml (Q4_0_4_8)"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_THAT_ONCE_WAS_Q4_0_8_8(
            removed(33),
            "tensor 'a': type 33 was removed from ggml (Q4_0_8_8)"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_THAT_ONCE_WAS_IQ4_NL_4_4(
            removed(36),
            "tensor 'a': type 36 was removed from ggml (IQ4_NL_4_4), and is I2_S in files for BitNet's own programs"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_THAT_ONCE_WAS_IQ4_NL_4_8(
            removed(37),
            "tensor 'a': type 37 was removed from ggml (IQ4_NL_4_8), and is I8_S in files for BitNet's own programs"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_THAT_ONCE_WAS_IQ4_NL_8_8(
            removed(38),
            "tensor 'a': type 38 was removed from ggml (IQ4_NL_8_8), and is TL1 in files for BitNet's own programs"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_OF_IK_LLAMA_CPP(
            removed(139),
            "tensor 'a': type 139 is unknown, ggml 0.25.1 has 0 to 42; it is IQ4_K of ik_llama.cpp"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_BEYOND_THOSE_OF_IK_LLAMA_CPP(
            removed(400), "tensor 'a': type 400 is unknown, ggml 0.25.1 has 0 to 42 (at byte 45)"),
    TYPE_255(
            removed(255),
            "tensor 'a': type 255 is unknown, ggml 0.25.1 has 0 to 42; ik_llama.cpp has types of its own there"
                    + "; take a file that llama.cpp's own converter or quantizer wrote (at byte 45)"),
    TYPE_OF_MINUS_2_TO_THE_31(
            removed(Integer.MIN_VALUE),
            "tensor 'a': type -2147483648 is unknown, ggml 0.25.1 has 0 to 42 (at byte 45)"),
    GAP_BEFORE_THE_FIRST(
            file().tensor("a", F32, 32, 8).data(64),
            "tensor 'a': offset 32, expected 0 (end of the tensor before it, padded to 32) (at byte 49)"),
    OVERLAP(
            file().tensor("a", F32, 0, 8).tensor("b", F32, 0, 8).data(64),
            "tensor 'b': offset 0, expected 32 (end of the tensor before it, padded to 32) (at byte 82)"),
    GAP(
            file().tensor("a", F32, 0, 8).tensor("b", F32, 64, 8).data(96),
            "tensor 'b': offset 64, expected 32 (end of the tensor before it, padded to 32) (at byte 82)"),
    NEGATIVE_OFFSET(
            file().tensor("a", F32, 0, 8).tensor("b", F32, -32, 8).data(64),
            "tensor 'b': offset 18446744073709551584, expected 32 (end of the tensor before it, padded to 32)"),
    UNALIGNED_OFFSET(
            file().tensor("a", F32, 0, 1).tensor("b", F32, 4, 1).data(64), "tensor 'b': offset 4, expected 32"),
    OFFSET_OF_ANOTHER_ALIGNMENT(
            file().uint32("general.alignment", 64)
                    .alignment(64)
                    .tensor("a", F32, 0, 1)
                    .tensor("b", F32, 32, 1)
                    .data(128),
            "tensor 'b': offset 32, expected 64 (end of the tensor before it, padded to 64)"),
    TENSORS_IN_ANOTHER_ORDER(
            file().tensor("a", F32, 32, 8).tensor("b", F32, 0, 8).data(64), "tensor 'a': offset 32, expected 0"),
    TABLE_CUT_OFF(
            file().tensor("a", F32, 0, 8).tensor("b", F32, 32, 8).tensorCount(3),
            "3 tensors need at least 33 bytes each, but the file ends after 74 (at byte 8)");

    private final GgufBytes bytes;
    private final String words;

    BadTensorTable(GgufBytes bytes, String words) {
        this.bytes = bytes;
        this.words = words;
    }

    private static GgufBytes removed(int type) {
        return file().tensor("a", type, 0, 256).data(256);
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
