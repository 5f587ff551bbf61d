package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.I8;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.small;

import io.github.expogguf.gguf.GgufBytes;

/** The data section that is shorter than the tensor table says. */
public enum BadData implements BytesCase {
    NONE(
            file().tensor("a", F32, 0, 8),
            "tensor 'a': data of 32 bytes at offset 0 of the data section, but the file of 57 bytes ends before (data"
                    + " section at byte 64)"),
    ONE_BYTE_MISSING(
            file().tensor("a", F32, 0, 8).data(31),
            "tensor 'a': data of 32 bytes at offset 0 of the data section, but the file of 95 bytes ends before (data"
                    + " section at byte 64)"),
    ONE_BYTE_OF_THE_SECOND_MISSING(
            file().tensor("a", F32, 0, 8).tensor("b", F32, 32, 9).data(32 + 35),
            "tensor 'b': data of 36 bytes at offset 32 of the data section, but the file of 163 bytes ends before (data"
                    + " section at byte 96)"),
    ONE_BYTE_OF_A_BLOCK_MISSING(
            small().data(32 + 33),
            "tensor 'b.weight': data of 34 bytes at offset 32 of the data section, but the file"),
    PADDING_TO_THE_DATA_MISSING(
            file().uint32("general.alignment", 65_536).tensor("a", F32, 0, 1), "section at byte 65536"),
    A_MEGABYTE_MISSING(
            file().tensor("a", I8, 0, 1 << 20).tensor("b", I8, 1 << 20, 8).data(32),
            "tensor 'a': data of 1048576 bytes at offset 0 of the data section, but the file of 128 bytes"
                    + " ends before (data section at byte 96)");

    private final GgufBytes bytes;
    private final String words;

    BadData(GgufBytes bytes, String words) {
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
