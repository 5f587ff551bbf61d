package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.STRING;
import static io.github.expogguf.corpus.Gguf.UINT8;
import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.small;
import static io.github.expogguf.gguf.GgufBytes.text;

import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.MetadataType;

/** Files that look like attacks or accidents and yet break no rule; what they hold is shown harmlessly and kept. */
public enum OddButValid implements BytesCase {
    NOTHING_AT_ALL(file(), "0 tensors, 0 weights"),
    NO_TENSORS(file().string("a", "b"), "0 tensors, 0 weights"),
    NO_METADATA(file().tensor("a.weight", F32, 0, 8).data(32), "architecture unknown"),
    VERSION_2(small().version(2), "GGUF version 2"),
    LAST_PADDING_MISSING(file().tensor("a", F32, 0, 1).data(4), "1 tensor, 1 weight"),
    BYTES_BEHIND_THE_DATA(file().tensor("a", F32, 0, 8).data(4096), "behind the last tensor mean nothing"),
    ALIGNMENT_1(
            file().uint32("general.alignment", 1)
                    .alignment(1)
                    .tensor("a", F32, 0, 1)
                    .data(4),
            "1 tensor"),
    ALIGNMENT_65536(
            file().uint32("general.alignment", 65_536)
                    .alignment(65_536)
                    .tensor("a", F32, 0, 1)
                    .data(4),
            "1 tensor"),
    TRAILING_ONES(file().tensor("a", F32, 0, 8, 1, 1, 1).data(32), "8x1x1x1"),
    LONGEST_KEY(file().string("k".repeat(65_535), "x"), "0 tensors"),
    LONGEST_NAME(file().tensor("n".repeat(63), F32, 0, 1).data(4), "n".repeat(63)),
    EMPTY_STRING(file().string("a", ""), "\"\""),
    STRING_WITH_NUL(file().string("a", "x\0y"), "\"x\\x00y\""),
    STRING_THAT_IS_NOT_UTF_8(file().rawPair(text("a"), STRING, text(ascii("x\u00ff\u00fey"))), "\"x"),
    EMPTY_ARRAY(file().array("a", UINT8, 0, new byte[0]), "ARRAY[UINT8]"),
    EMPTY_STRINGS(file().array("a", STRING, 3, new byte[24]), "[\"\", \"\", \"\"]"),
    NAN_AND_INFINITY(
            file().pair("a", MetadataType.FLOAT32, little(4).putFloat(Float.NaN))
                    .pair("b", MetadataType.FLOAT64, little(8).putDouble(Double.NEGATIVE_INFINITY)),
            "-Infinity"),
    LARGEST_UINT64(file().pair("a", MetadataType.UINT64, little(8).putLong(-1)), "18446744073709551615"),
    KEY_THAT_RECOLOURS_THE_TERMINAL(file().string("\33[31mred\33[0m", "x"), "\\x1b[31mred\\x1b[0m"),
    KEY_THAT_FORGES_A_LINE(file().string("a\nexpo-gguf: all is well", "x"), "a\\nexpo-gguf: all is well"),
    KEY_THAT_READS_BACKWARDS(file().string("\u202egguf.\u2066evil", "x"), "\\u{202e}gguf.\\u{2066}evil"),
    VALUE_THAT_CLEARS_THE_SCREEN(file().string("a", "\33[2J\33[H\7\b\u009b31m"), "\\x1b[2J\\x1b[H\\x07\\x08\\x9b31m"),
    VALUE_THAT_SETS_THE_TITLE(file().string("a", "\33]0;pwned\7"), "\\x1b]0;pwned\\x07"),
    TEXT_OF_LINES_THAT_CLEAR_THE_SCREEN(file().string("a", "one\n\33[2Jtwo\r\n\u202ethree"), "\\x1b[2Jtwo"),
    ARCHITECTURE_THAT_FORGES_A_LINE(file().string("general.architecture", "x\nfile: ok\33[1A"), "x\\nfile: ok\\x1b[1A"),
    NAME_THAT_CLEARS_THE_SCREEN(file().tensor("\33[2J\r\n\u202e", F32, 0, 8).data(32), "\\x1b[2J\\r\\n\\u{202e}"),
    NAME_OF_HTML(file().tensor("<script>alert(1)</script>", F32, 0, 8).data(32), "<script>alert(1)</script>"),
    NAME_OF_A_PATH(file().tensor("../../etc/passwd", F32, 0, 8).data(32), "../../etc/passwd"),
    CVE_2024_34359_LLAMA_DRAMA(
            small().string("tokenizer.chat_template", "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
            "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    ARCHITECTURE_THAT_IS_A_NUMBER(file().uint32("general.architecture", 7), "architecture unknown"),
    FILE_TYPE_THAT_IS_TEXT(small().string("general.file_type", "15"), "\"15\""),
    FILE_TYPE_OF_2_TO_THE_32(small().uint32("general.file_type", 0xFFFF_FFFFL), "file type 4294967295"),
    SPLIT_COUNT_1(file().uint16("split.count", 1).uint16("split.no", 0).int32("split.tensors.count", 0), "split.count");

    private final GgufBytes bytes;
    private final String words;

    OddButValid(GgufBytes bytes, String words) {
        this.bytes = bytes;
        this.words = words;
    }

    @Override
    public GgufBytes bytes() {
        return bytes;
    }

    @Override
    public int exitCode() {
        return 0;
    }

    @Override
    public String words() {
        return words;
    }
}
