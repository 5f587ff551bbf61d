package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.F16;
import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.STRING;
import static io.github.expogguf.gguf.GgufBytes.ascii;
import static io.github.expogguf.gguf.GgufBytes.concat;
import static io.github.expogguf.gguf.GgufBytes.file;
import static io.github.expogguf.gguf.GgufBytes.little;
import static io.github.expogguf.gguf.GgufBytes.text;

import io.github.expogguf.gguf.GgufBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Importance matrices in GGUF and in the older format, which has no magic number. */
public enum BadImatrix implements BadInput {
    MODEL_INSTEAD(GgufBytes.small().bytes(), "not an imatrix: no imatrix."),
    NO_ENTRIES(metadata(), "no entries"),
    SUMS_WITHOUT_COUNTS(metadata().tensor("a.in_sum2", F32, 0, 2).data(32), "sums and counts do not belong together"),
    COUNTS_WITHOUT_SUMS(metadata().tensor("a.counts", F32, 0, 1).data(32), "sums and counts do not belong together"),
    COUNTS_OF_ANOTHER(pair("a.in_sum2", "b.counts", 2, 1), "sums and counts do not belong together"),
    THREE_COUNTS_FOR_TWO_SUMS(pair("a.in_sum2", "a.counts", 2, 3), "'a': 2 sums for 3 counts"),
    HALVES(
            metadata()
                    .tensor("a.in_sum2", F16, 0, 2)
                    .tensor("a.counts", F32, 32, 1)
                    .data(64),
            "'a.in_sum2' is of type F16, expected F32"),
    NEGATIVE_SUM(filled(-1f), "'a.in_sum2': value 0 is -1.0, expected a finite number from 0 up"),
    NAN_SUM(filled(Float.NaN), "'a.in_sum2': value 0 is NaN, expected a finite number from 0 up"),
    INFINITE_SUM(filled(Float.POSITIVE_INFINITY), "'a.in_sum2': value 0 is Infinity, expected a finite number"),
    NEGATIVE_COUNT(filled(1f, -1f), "'a.counts': value 0 is -1.0, expected a finite number from 0 up"),
    NAN_COUNT(filled(1f, Float.NaN), "'a.counts': value 0 is NaN, expected a finite number from 0 up"),
    INFINITE_COUNT(filled(1f, Float.POSITIVE_INFINITY), "'a.counts': value 0 is Infinity, expected a finite number"),
    COUNT_OF_2_TO_THE_63(filled(1f, 0x1p63f), "'a': count 0 is 9.223372E18, expected a number of inputs"),
    GGUF_CUT_OFF(Arrays.copyOf(pair("a.in_sum2", "a.counts", 2, 1).bytes(), 100), "but the file ends after"),
    GGUF_DATA_CUT_OFF(metadata().tensor("a.in_sum2", F32, 0, 2), "data of 8 bytes at offset 0 of the data section"),
    GGUF_OF_NESTED_ARRAYS(
            file().array("imatrix.datasets", Gguf.ARRAY, 1, new byte[20]), "array of arrays, which ggml does not read"),
    NAME_THAT_CLEARS_THE_SCREEN(pair("\33[2J.in_sum2", "\33[2J.counts", 2, 3), "'\\x1b[2J': 2 sums for 3 counts"),
    EMPTY(new byte[0], "the file ends inside the number of entries: 4 bytes needed, 0 left"),
    ONE_BYTE(new byte[1], "the file ends inside the number of entries: 4 bytes needed, 1 left"),
    TEXT(ascii("blk.0.attn_q.weight 1 2 3\n"), "neither a GGUF file nor an imatrix: begins with 'blk.'"),
    ENTRIES_0(little(4).putInt(0).array(), "neither a GGUF file nor an imatrix: 0 entries in 4 bytes"),
    ENTRIES_MINUS_1(little(64).putInt(-1).array(), "neither a GGUF file nor an imatrix: -1 entries in 64 bytes"),
    ENTRIES_OF_2_TO_THE_31(
            little(64).putInt(Integer.MAX_VALUE).array(), "neither a GGUF file nor an imatrix: 2147483647 entries"),
    NAME_OF_0_BYTES(legacy(little(20).putInt(0)), "name of entry 0: 0 bytes, expected 1 to"),
    NAME_OF_MINUS_5_BYTES(legacy(little(20).putInt(-5)), "name of entry 0: -5 bytes, expected 1 to"),
    NAME_OF_2_TO_THE_31(legacy(little(20).putInt(Integer.MAX_VALUE)), "name of entry 0: 2147483647 bytes, expected"),
    NAME_BEYOND_THE_FILE(legacy(little(20).putInt(500)), "the file ends inside the name of entry 0"),
    NAME_WITH_NUL(legacy(little(20).putInt(3).put(ascii("a\0b"))), "name of entry 0 contains a zero"),
    MINUS_1_CALLS(legacy(entry(-1, 1)), "'a': -1 calls, expected 0 or more"),
    MINUS_1_VALUES(legacy(entry(1, -1)), "'a': -1 values, expected 1 to"),
    VALUES_BEYOND_THE_FILE(legacy(entry(1, 500)), "the file ends inside the values of 'a'"),
    VALUES_OF_2_TO_THE_31(legacy(entry(1, Integer.MAX_VALUE)), "entry 'a': 2147483647 values"),
    VALUES_OF_2_TO_THE_29(legacy(entry(1, 1 << 29)), "entry 'a': 536870912 values"),
    NEGATIVE_VALUE(legacy(entry(1, 1, -1f)), "'a': value 0 is -1.0, expected a finite number from 0 up"),
    NAN_VALUE(legacy(entry(1, 1, Float.NaN)), "'a': value 0 is NaN"),
    ENTRY_TWICE(
            concat(
                    little(4).putInt(2).array(),
                    entry(1, 1, 1f).array(),
                    entry(1, 1, 1f).array()),
            "entry 'a' appears twice"),
    BYTES_BEHIND_THE_END(
            legacy(concat(
                    entry(1, 1, 1f).array(),
                    little(13).putInt(1).putInt(1).put((byte) 'x').putInt(7).array())),
            "4 bytes after the last field"),
    DATASET_CUT_OFF(
            legacy(concat(entry(1, 1, 1f).array(), little(8).putInt(1).putInt(9).array())),
            "the file ends inside the name of the dataset"),
    MISSING((byte[]) null, "no such file") {
        @Override
        public int exitCode() {
            return 5;
        }
    },
    FOR_ANOTHER_MODEL(pair("other.weight.in_sum2", "other.weight.counts", 2, 1).bytes(), "imatrix") {
        @Override
        public int exitCode() {
            return 4;
        }
    };

    private final byte[] bytes;
    private final String words;

    BadImatrix(GgufBytes bytes, String words) {
        this(bytes.bytes(), words);
    }

    BadImatrix(byte[] bytes, String words) {
        this.bytes = bytes;
        this.words = words;
    }

    private static GgufBytes metadata() {
        return file().string("general.type", "imatrix")
                .array("imatrix.datasets", STRING, 1, text("wiki.txt"))
                .uint32("imatrix.chunk_count", 1)
                .uint32("imatrix.chunk_size", 512);
    }

    private static GgufBytes pair(String sums, String counts, int sumCount, int countCount) {
        return metadata()
                .tensor(sums, F32, 0, sumCount)
                .tensor(counts, F32, 32, countCount)
                .data(64);
    }

    private static byte[] filled(float first) {
        return filled(first, 1);
    }

    private static byte[] filled(float first, float count) {
        byte[] bytes = pair("a.in_sum2", "a.counts", 2, 1).bytes();
        return concat(
                Arrays.copyOf(bytes, bytes.length - 64),
                little(64).putFloat(first).putFloat(1).putFloat(32, count).array());
    }

    private static ByteBuffer entry(int calls, int count, float... values) {
        ByteBuffer entry = little(4 + 1 + 8 + Math.max(4, 4 * values.length))
                .putInt(1)
                .put((byte) 'a')
                .putInt(calls)
                .putInt(count);
        for (float value : values) {
            entry.putFloat(value);
        }
        return entry;
    }

    private static byte[] legacy(ByteBuffer entry) {
        return legacy(entry.array());
    }

    private static byte[] legacy(byte[] entry) {
        return concat(little(4).putInt(1).array(), entry);
    }

    @Override
    public Kind kind() {
        return Kind.IMATRIX;
    }

    @Override
    public Path write(Path directory) throws IOException {
        Path path = directory.resolve("imatrix.dat");
        return bytes == null ? path : Files.write(path, bytes);
    }

    @Override
    public String words() {
        return words;
    }
}
