package io.github.expogguf.testing;

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

/**
 * Two files of a few kilobytes that are a pair, the aligned one a hundredth of the norm away, so that nothing is to be
 * remarked on: small enough to run the command on them many times.
 */
public record TinyPair(Path sft, Path aligned) {

    private static final String MATRIX = "token_embd.weight";
    public static final int ROW_LENGTH = 256;
    static final int ROWS = 4;

    public static TinyPair write(Path directory) throws IOException {
        return new TinyPair(
                model(directory.resolve("sft.gguf"), MATRIX, 0),
                model(directory.resolve("aligned.gguf"), MATRIX, 0.01f));
    }

    /**
     * A model of one matrix and one vector.
     *
     * @param distance largest difference from the values of a model whose distance is 0
     */
    public static Path model(Path file, String matrix, float distance) throws IOException {
        return write(file, matrix, new Values(new Random(1), new Random(2), distance), Map.of());
    }

    /** The aligned model with other metadata, too. */
    public static Path model(Path file, float distance, Map<String, MetadataValue> metadata) throws IOException {
        return write(file, MATRIX, new Values(new Random(1), new Random(2), distance), metadata);
    }

    /** A model that shares nothing with the others but its shape. */
    public static Path unrelatedModel(Path file) throws IOException {
        return write(file, MATRIX, new Values(new Random(3), new Random(4), 0), Map.of());
    }

    /** A model with a value in its matrix that is not a number. */
    public static Path damagedModel(Path file) throws IOException {
        return write(file, MATRIX, new Values(new Random(1), new Random(2), Float.NaN), Map.of());
    }

    /** Values between -0.5 and 0.5, with a difference. */
    private record Values(Random base, Random delta, float distance) {
        float next() {
            return base.nextFloat() - 0.5f + distance * (2 * delta.nextFloat() - 1);
        }
    }

    private static Path write(Path file, String matrix, Values random, Map<String, MetadataValue> more)
            throws IOException {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString("llama"));
        values.put("llama.block_count", MetadataValue.ofUint32(1));
        values.put("llama.embedding_length", MetadataValue.ofUint32(ROW_LENGTH));
        values.put("llama.attention.head_count", MetadataValue.ofUint32(4));
        values.put("llama.attention.head_count_kv", MetadataValue.ofUint32(4));
        values.putAll(more);
        ByteBuffer halves = ByteBuffer.allocate(2 * ROW_LENGTH * ROWS).order(ByteOrder.LITTLE_ENDIAN);
        while (halves.hasRemaining()) {
            halves.putShort(Float.floatToFloat16(random.next()));
        }
        ByteBuffer floats = ByteBuffer.allocate(4 * ROW_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        while (floats.hasRemaining()) {
            floats.putFloat(random.next());
        }
        return GgufWriter.writeFile(
                file,
                new Metadata(values),
                List.of(
                        new TensorData(matrix, GgmlType.F16, new Shape(ROW_LENGTH, ROWS), halves.array()),
                        new TensorData("output_norm.weight", GgmlType.F32, new Shape(ROW_LENGTH), floats.array())));
    }
}
