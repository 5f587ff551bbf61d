package io.github.expogguf.corpus;

import static io.github.expogguf.corpus.Gguf.F32;
import static io.github.expogguf.corpus.Gguf.STRING;
import static io.github.expogguf.corpus.Gguf.UINT8;
import static io.github.expogguf.gguf.GgufBytes.file;

import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Headers as large as they may be, or of as many parts, with a little room for what an output adds. They are built when they
 * are written.
 */
public enum LargestHeader implements BadInput {
    ONE_STRING(0, "\"xxxxx", () -> file().string("a", "x".repeat(most()))),
    ONE_ARRAY_OF_BYTES(0, "ARRAY[UINT8]", () -> file().array("a", UINT8, most(), new byte[most()])),
    FOUR_MILLION_EMPTY_STRINGS(0, "ARRAY[STRING]", () -> file().array("a", STRING, most() / 8, new byte[most() / 8 * 8])),
    AS_MANY_PAIRS_AS_THERE_MAY_BE(0, "key0", () -> {
        GgufBytes many = file();
        for (int i = 0; i < GgufLimits.MAX_ENTRIES - 50; i++) {
            many.string("key" + i, "v".repeat(4000));
        }
        return many;
    }),
    AS_MANY_TENSORS_AS_THERE_MAY_BE(0, "8,192 tensors", () -> {
        GgufBytes many = file().data(32 * GgufLimits.MAX_ENTRIES);
        for (int i = 0; i < GgufLimits.MAX_ENTRIES; i++) {
            many.tensor("tensor" + i, F32, 32L * i, 8);
        }
        return many;
    }),
    ONE_STRING_TOO_LONG(3, "expo.gguf.max.header.mib", () -> file().string("a", "x".repeat(most() + 100_000))),
    STRINGS_TOO_MANY(
            3, "expo.gguf.max.header.mib", () -> file().array("a", STRING, most() / 8 + 20_000, new byte[most() + 160_000]));

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
