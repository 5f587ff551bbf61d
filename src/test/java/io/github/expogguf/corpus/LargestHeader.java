package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.FLOAT32;
import static io.github.expogguf.corpus.Gguf.STRING;
import static io.github.expogguf.corpus.Gguf.UINT8;
import static io.github.expogguf.gguf.GgufBytes.file;

import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Headers as large as they may be, or of as many parts, with a little room for what an output adds. They are built when
 * they are written.
 */
public enum LargestHeader implements BadInput {
    ONE_STRING(0, "\"xxxxx", () -> file().string("a", "x".repeat(most()))),
    CONTROL_CHARACTERS(0, "\\x7f", () -> file().string("a", "\u007f".repeat(most()))),
    LINE_FEEDS(0, "a", () -> file().string("a", "\n".repeat(most()))),
    DIRECTION_MARKS(0, "\\u{202e}", () -> file().string("a", "\u202e".repeat(most() / 3))),
    ONE_ARRAY_OF_BYTES(0, "ARRAY[UINT8]", () -> file().array("a", UINT8, most(), new byte[most()])),
    ONE_ARRAY_OF_FLOATS(0, "ARRAY[FLOAT32]", () -> {
        byte[] bytes = new byte[most() / 4 * 4];
        new Random(5).nextBytes(bytes);
        return file().array("a", FLOAT32, bytes.length / 4, bytes);
    }),
    AS_MANY_STRINGS_AS_THERE_MAY_BE(0, "ARRAY[STRING]", () -> strings(GgufLimits.maxStrings() - 10_000)),
    AS_MANY_PAIRS_AS_THERE_MAY_BE(0, "key0", () -> {
        GgufBytes many = file();
        int each = most() / GgufLimits.maxPairs() - 50;
        for (int i = 0; i < GgufLimits.maxPairs() - 50; i++) {
            many.string("key" + i, "v".repeat(each));
        }
        return many;
    }),
    THE_LONGEST_KEYS(0, "\\x7f", () -> {
        GgufBytes many = file();
        for (int i = 0; i < most() / (GgufLimits.MAX_KEY_BYTES + 8 + 4 + 4); i++) {
            many.uint32("%03d".formatted(i) + "\u007f".repeat(GgufLimits.MAX_KEY_BYTES - 3), i);
        }
        return many;
    }),
    AS_MANY_TENSORS_AS_THERE_MAY_BE(0, "8,192 tensors", () -> {
        GgufBytes many = file().data(32 * GgufLimits.maxTensors());
        for (int i = 0; i < GgufLimits.maxTensors(); i++) {
            many.tensor("tensor" + i, F32, 32L * i, 8);
        }
        return many;
    }),
    ONE_STRING_TOO_LONG(
            3,
            "java -Dexpo.gguf.max.header.mib=32 allows more",
            () -> file().string("a", "x".repeat(most() + 100_000))),
    ARRAY_TOO_LARGE(
            3,
            "java -Dexpo.gguf.max.header.mib=32 allows more",
            () -> file().array("a", UINT8, most() + 100_000, new byte[most() + 100_000])),
    STRINGS_TOO_MANY(
            3,
            "key 'b': 1048577 strings in arrays, expected at most 1048576; java -Dexpo.gguf.max.strings=2097152 allows more",
            () -> strings(GgufLimits.maxStrings()).array("b", STRING, 1, new byte[8]));

    /** Of as many bytes as there is room for. */
    private static GgufBytes strings(int count) {
        int length = most() / count - 8;
        byte[] bytes = new byte[count * (8 + length)];
        for (int i = 0; i < bytes.length; i += 8 + length) {
            bytes[i] = (byte) length;
            Arrays.fill(bytes, i + 8, i + 8 + length, (byte) 0x7f);
        }
        return file().array("a", STRING, count, bytes);
    }

    private static int most() {
        return GgufLimits.maxHeaderBytes() - 50_000;
    }

    private final int exitCode;
    private final String words;
    private final Supplier<GgufBytes> bytes;

    LargestHeader(int exitCode, String words, Supplier<GgufBytes> bytes) {
        this.exitCode = exitCode;
        this.words = words;
        this.bytes = bytes;
    }

    @Override
    public Path write(Path directory) throws IOException {
        return bytes.get().write(directory.resolve("large.gguf"));
    }

    @Override
    public boolean isLarge() {
        return true;
    }

    @Override
    public int exitCode() {
        return exitCode;
    }

    @Override
    public String words() {
        return words;
    }
}
