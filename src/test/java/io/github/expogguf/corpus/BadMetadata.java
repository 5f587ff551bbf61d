package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.ARRAY;
import static io.github.expogguf.corpus.Gguf.BOOL;
import static io.github.expogguf.corpus.Gguf.FLOAT32;
import static io.github.expogguf.corpus.Gguf.FLOAT64;
import static io.github.expogguf.corpus.Gguf.STRING;
import static io.github.expogguf.corpus.Gguf.UINT32;
import static io.github.expogguf.corpus.Gguf.UINT64;
import static io.github.expogguf.corpus.Gguf.UINT8;
import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.concat;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.small;
import static io.github.expogguf.gguf.GgufBytes.text;

import io.github.expogguf.gguf.GgufBytes;

/** The key/value pairs: keys, values, and the alignment. */
public enum BadMetadata implements BytesCase {
    EMPTY_KEY(small().rawPair(text(""), UINT32, new byte[4]), "key 3: key is empty (at byte 148)"),
    KEY_ABOVE_THE_LIMIT(
            file().string("k".repeat(65_536), ""),
            "key 0: key of 65536 bytes, expected at most 65535, the limit of the GGUF format (at byte 24)"),
    KEY_OF_2_TO_THE_64(
            file().rawPair(text(-1, ascii("abc")), UINT32, new byte[4]),
            "key 0: key of 18446744073709551615 bytes, but the file ends after 11 (at byte 24)"),
    KEY_ONE_BYTE_TOO_LONG(
            file().rawPair(text(12, ascii("abc")), UINT32, new byte[4]),
            "key 0: key of 12 bytes, but the file ends after 11 (at byte 24)"),
    KEY_WITH_NUL(file().string("a\0b", ""), "key 0: key 'a\\x00b' contains a NUL byte (at byte 32)"),
    KEY_OF_ONE_NUL(small().string("\0", "x"), "key 3: key '\\x00' contains a NUL byte"),
    ALIGNMENT_KEY_BEHIND_NUL(
            small().uint32("general.alignment\0x", 64), "key 3: key 'general.alignment\\x00x' contains a NUL byte"),
    KEY_THAT_IS_NOT_UTF_8(
            file().rawPair(text(ascii("a\u00ffb")), UINT32, new byte[4]), "key 0: key 'aÿb' is not UTF-8 (at byte 32)"),
    KEY_WITH_HALF_A_SURROGATE_PAIR(
            small().rawPair(text(ascii("\u00ed\u00a0\u0080")), UINT32, new byte[4]), "is not UTF-8"),
    KEY_WITH_AN_OVERLONG_SLASH(small().rawPair(text(ascii("\u00c0\u00af")), UINT32, new byte[4]), "is not UTF-8"),
    KEY_TWICE(
            file().string("general.name", "a").uint32("general.name", 1),
            "key 'general.name': appears twice (at byte 77)"),
    KEY_OF_ESCAPE_SEQUENCES_TWICE(
            file().string("\u001b[31m\u202e", "a").uint32("\u001b[31m\u202e", 1),
            "key '\\x1b[31m\\u{202e}': appears twice (at byte 69)"),
    LONG_KEY_TWICE(
            small().string("k".repeat(60_000), "").string("k".repeat(60_000), ""),
            "key '" + "k".repeat(120) + "…': appears twice"),
    TYPE_13(
            file().rawPair(text("k"), 13, new byte[8]),
            "key 'k': unknown value type 13, expected 0 to 12 (at byte 33)"),
    TYPE_MINUS_1(
            file().rawPair(text("k"), -1, new byte[8]),
            "key 'k': unknown value type -1, expected 0 to 12 (at byte 33)"),
    TYPE_OF_2_TO_THE_31(
            small().rawPair(text("k"), Integer.MIN_VALUE, new byte[8]), "key 'k': unknown value type -2147483648"),
    VALUE_CUT_OFF(
            file().rawPair(text("k"), UINT64, new byte[7]),
            "key 'k': value needs 8 bytes, but the file ends after 7 (at byte 37)"),
    DOUBLE_CUT_OFF(
            file().rawPair(text("k"), FLOAT64, new byte[1]),
            "key 'k': value needs 8 bytes, but the file ends after 1 (at byte 37)"),
    BOOL_OF_2(
            file().rawPair(text("k"), BOOL, new byte[] {2}),
            "key 'k': bool with the byte 2, expected 0 or 1 (at byte 37)"),
    BOOL_OF_255(small().rawPair(text("k"), BOOL, new byte[] {-1}), "key 'k': bool with the byte 255, expected 0 or 1"),
    STRING_ONE_BYTE_TOO_LONG(
            file().rawPair(text("k"), STRING, text(4, ascii("abc"))),
            "key 'k': string of 4 bytes, but the file ends after 3 (at byte 37)"),
    STRING_OF_2_TO_THE_31(
            small().rawPair(text("k"), STRING, text(1L << 31, ascii("abc"))), "key 'k': string of 2147483648 bytes"),
    STRING_LENGTH_CUT_OFF(
            file().rawPair(text("k"), STRING, new byte[7]),
            "key 'k': length of string needs 8 bytes, but the file ends after 7 (at byte 37)"),
    ARRAY_OF_TYPE_13(
            file().array("k", 13, 1, new byte[8]), "key 'k': unknown element type 13, expected 0 to 12 (at byte 37)"),
    ARRAY_OF_ARRAYS(
            file().array("k", ARRAY, 1, new byte[20]),
            "key 'k': array of arrays, which ggml does not read either (at byte 37)"),
    ARRAY_OF_BOOLS_WITH_A_7(
            file().array("k", BOOL, 3, new byte[] {0, 1, 7}),
            "key 'k': bool with the byte 7, expected 0 or 1 (at byte 51)"),
    ARRAY_OF_MINUS_1(
            file().array("k", UINT8, -1, new byte[8]), "key 'k': 18446744073709551615 array elements need at least"),
    ARRAY_OF_2_TO_THE_63(
            small().array("k", UINT8, Long.MIN_VALUE, new byte[8]),
            "key 'k': 9223372036854775808 array elements need at least"),
    ARRAY_ABOVE_THE_FILE(
            file().array("k", FLOAT32, 1 << 20, new byte[8]),
            "key 'k': 1048576 array elements need at least 4 bytes each, but the file ends after 8 (at byte 41)"),
    ARRAY_CUT_OFF(
            file().array("k", UINT64, 2, new byte[15]),
            "key 'k': 2 array elements need at least 8 bytes each, but the file ends after 15 (at byte 41)"),
    ARRAY_WITHOUT_COUNT(
            file().rawPair(text("k"), ARRAY, little(11).putInt(UINT32).array()),
            "key 'k': number of array elements needs 8 bytes, but the file ends after 7 (at byte 41)"),
    STRINGS_ABOVE_THE_FILE(
            file().array("k", STRING, 2, new byte[8]),
            "key 'k': 2 array elements need at least 8 bytes each, but the file ends after 8 (at byte 41)"),
    STRING_IN_ARRAY_CUT_OFF(
            file().array("k", STRING, 2, concat(text("ab"), text(9, ascii("abc")))),
            "key 'k': string of 9 bytes, but the file ends after 3 (at byte 59)"),
    STRING_IN_ARRAY_OF_2_TO_THE_64(
            file().array("k", STRING, 2, concat(text("ab"), text(-1, ascii("abc")))),
            "key 'k': string of 18446744073709551615 bytes, but the file ends after 3 (at byte 59)"),
    ALIGNMENT_24(
            file().uint32("general.alignment", 24),
            "key 'general.alignment': alignment 24, expected a power of two from 1 to 65536 (at byte 53)"),
    ALIGNMENT_131072(
            file().uint32("general.alignment", 1 << 17),
            "key 'general.alignment': alignment 131072, expected a power of two from 1 to 65536 (at byte 53)"),
    ALIGNMENT_3(small().uint32("general.alignment", 3), "key 'general.alignment': alignment 3, expected a power"),
    ALIGNMENT_OF_16_BITS(
            file().uint16("general.alignment", 32),
            "key 'general.alignment': value of type UINT16, expected UINT32 (at byte 55)"),
    ALIGNMENT_THAT_IS_SIGNED(
            file().int32("general.alignment", 32),
            "key 'general.alignment': value of type INT32, expected UINT32 (at byte 57)"),
    ALIGNMENT_THAT_IS_TEXT(
            file().string("general.alignment", "32"), "key 'general.alignment': value of type STRING, expected UINT32"),
    ALIGNMENT_THAT_IS_AN_ARRAY(
            file().array("general.alignment", UINT32, 1, little(4).putInt(32).array()),
            "key 'general.alignment': value of type ARRAY[UINT32], expected UINT32 (at byte 69)");

    private final GgufBytes bytes;
    private final String words;

    BadMetadata(GgufBytes bytes, String words) {
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
