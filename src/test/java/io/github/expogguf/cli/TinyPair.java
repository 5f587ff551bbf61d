package io.github.expogguf.cli;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Two files of a few kilobytes that are a pair: small enough to run the command on them many times. */
record TinyPair(Path sft, Path aligned) {

    static final int ROW_LENGTH = 256;
    static final int ROWS = 4;

    static TinyPair write(Path directory) throws IOException {
        return new TinyPair(
                model(directory.resolve("sft.gguf"), 1, "token_embd.weight"),
                model(directory.resolve("aligned.gguf"), 2, "token_embd.weight"));
    }

    /** A model of one matrix and one vector. */
    static Path model(Path file, long seed, String matrix) throws IOException {
        Random random = new Random(seed);
        return write(file, matrix, random, random.nextFloat());
    }

    /** A model with a value in its matrix that is not a number. */
    static Path damagedModel(Path file) throws IOException {
        return write(file, "token_embd.weight", new Random(3), Float.NaN);
    }

    private static Path write(Path file, String matrix, Random random, float firstValue) throws IOException {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString("llama"));
        values.put("llama.block_count", MetadataValue.ofUint32(1));
        values.put("llama.embedding_length", MetadataValue.ofUint32(ROW_LENGTH));
        values.put("llama.attention.head_count", MetadataValue.ofUint32(4));
        values.put("llama.attention.head_count_kv", MetadataValue.ofUint32(4));
        ByteBuffer halves = ByteBuffer.allocate(2 * ROW_LENGTH * ROWS).order(ByteOrder.LITTLE_ENDIAN);
        halves.putShort(Float.floatToFloat16(firstValue));
        while (halves.hasRemaining()) {
            halves.putShort(Float.floatToFloat16(random.nextFloat() - 0.5f));
        }
        ByteBuffer floats = ByteBuffer.allocate(4 * ROW_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        while (floats.hasRemaining()) {
            floats.putFloat(random.nextFloat());
        }
        return GgufWriter.writeFile(
                file,
                new Metadata(values),
                List.of(
                        new TensorData(matrix, GgmlType.F16, new Shape(ROW_LENGTH, ROWS), halves.array()),
                        new TensorData("output_norm.weight", GgmlType.F32, new Shape(ROW_LENGTH), floats.array())));
    }
}
