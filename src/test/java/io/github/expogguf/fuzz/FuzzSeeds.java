package io.github.expogguf.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.RandomMetadata;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Main class of {@code make fuzz-seeds}: writes the binary seeds. The texts among the seeds were typed.
 */
public final class FuzzSeeds {

    private FuzzSeeds() {}

    /** Writes them into src/fuzz. */
    public static void main(String[] arguments) throws IOException {
        for (FuzzTarget target : FuzzTarget.values()) {
            Files.createDirectories(target.seeds());
        }
        for (FuzzTarget target : List.of(FuzzTarget.HEADER, FuzzTarget.INSPECT)) {
            Path directory = target.seeds();
            GgufBytes.small().write(directory.resolve("small.gguf"));
            GgufWriter.writeFile(directory.resolve("metadata.gguf"), RandomMetadata.of(new Random(1), 14), List.of());
            shard().write(directory.resolve("shard.gguf"));
            model(directory.resolve("model.gguf"), GgmlType.F16);
            output(directory.resolve("output.gguf"));
        }
        imatrices(FuzzTarget.IMATRIX.seeds());
        adapter(FuzzTarget.ADAPTER.seeds().resolve("adapter.gguf"));
        for (CheckpointFuzz.Part part : CheckpointFuzz.Part.values()) {
            Files.write(
                    FuzzTarget.CHECKPOINT.seeds().resolve(part.name().toLowerCase(Locale.ROOT)),
                    GgufBytes.concat(new byte[] {(byte) part.ordinal()}, CheckpointFuzz.good(part)));
        }
        output(FuzzTarget.RECIPE.seeds().resolve("output.gguf"));
        commands(FuzzTarget.COMMAND.seeds());
    }

    private static GgufBytes shard() {
        return GgufBytes.file()
                .uint16("split.no", 0)
                .uint16("split.count", 2)
                .int32("split.tensors.count", 2)
                .tensor("a.weight", 0, 0, 4, 2)
                .data(32);
    }

    /** A model of one matrix and one vector: 32 columns, so that most types fit. */
    private static Path model(Path path, GgmlType type) throws IOException {
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        pairs.put("general.architecture", MetadataValue.ofString("llama"));
        pairs.put("llama.block_count", MetadataValue.ofUint32(1));
        pairs.put("llama.embedding_length", MetadataValue.ofUint32(32));
        pairs.put("llama.attention.head_count", MetadataValue.ofUint32(4));
        byte[] matrix = new byte[(int) type.rowBytes(256) * 2];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (byte) (i % 59); // finite in every type of floats
        }
        ByteBuffer vector = ByteBuffer.allocate(4 * 32).order(ByteOrder.LITTLE_ENDIAN);
        while (vector.hasRemaining()) {
            vector.putFloat(vector.position() * 0.01f);
        }
        return GgufWriter.writeFile(
                path,
                new Metadata(pairs),
                List.of(
                        new TensorData("token_embd.weight", type, new Shape(256, 2), matrix),
                        new TensorData("blk.0.ffn_down.weight", GgmlType.F32, new Shape(32), vector.array()),
                        new TensorData("ids", GgmlType.I32, new Shape(2), new byte[8])));
    }

    /** One that carries a recipe and checksums. */
    private static void output(Path path) throws IOException {
        try (Extrapolator model = Extrapolator.open(model(Scratch.path("model.gguf"), GgmlType.F16))) {
            model.write(
                    PlanOptions.builder().fileType(FileType.Q8_0).build(),
                    path,
                    OutputOptions.defaults().withForce(true).withThreads(1));
        }
    }

    /** For a model whose token embeddings are of 256x4. */
    private static void adapter(Path path) throws IOException {
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        pairs.put("general.architecture", MetadataValue.ofString("llama"));
        pairs.put("general.type", MetadataValue.ofString("adapter"));
        pairs.put("adapter.type", MetadataValue.ofString("lora"));
        pairs.put("adapter.lora.alpha", MetadataValue.ofFloat32(2));
        GgufWriter.writeFile(
                path,
                new Metadata(pairs),
                List.of(
                        new TensorData("token_embd.weight.lora_a", GgmlType.F32, new Shape(2, 4), ones(2 * 4)),
                        new TensorData("token_embd.weight.lora_b", GgmlType.F32, new Shape(2, 256), ones(2 * 256))));
    }

    private static byte[] ones(int count) {
        ByteBuffer values = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            values.putFloat(0.01f);
        }
        return values.array();
    }

    private static void imatrices(Path directory) throws IOException {
        ByteBuffer legacy = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        legacy.putInt(2);
        for (String name : List.of("a.weight", "b.weight")) {
            legacy.putInt(name.length()).put(name.getBytes(UTF_8)).putInt(3).putInt(4);
            legacy.putFloat(1).putFloat(0.5f).putFloat(0).putFloat(7);
        }
        legacy.putInt(9).putInt(4).put("text".getBytes(UTF_8));
        Files.write(directory.resolve("legacy.dat"), java.util.Arrays.copyOf(legacy.array(), legacy.position()));
        ByteBuffer sums = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 8; i++) {
            sums.putFloat(i);
        }
        ByteBuffer counts = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(2)
                .putFloat(3);
        Map<String, MetadataValue> pairs = new LinkedHashMap<>();
        pairs.put("general.type", MetadataValue.ofString("imatrix"));
        pairs.put("imatrix.datasets", MetadataValue.ofStrings(List.of("text")));
        pairs.put("imatrix.chunk_count", MetadataValue.ofUint32(9));
        pairs.put("imatrix.chunk_size", MetadataValue.ofUint32(512));
        GgufWriter.writeFile(
                directory.resolve("imatrix.gguf"),
                new Metadata(pairs),
                List.of(
                        new TensorData("a.weight.in_sum2", GgmlType.F32, new Shape(4, 2), sums.array()),
                        new TensorData("a.weight.counts", GgmlType.F32, new Shape(1, 2), counts.array())));
    }

    /** Choices, as {@link io.github.expogguf.cli.CommandFuzz} reads them, before models of several types. */
    private static void commands(Path directory) throws IOException {
        List<GgmlType> types = List.of(
                GgmlType.F16,
                GgmlType.BF16,
                GgmlType.F32,
                GgmlType.Q8_0,
                GgmlType.Q4_K,
                GgmlType.Q6_K,
                GgmlType.IQ4_XS,
                GgmlType.Q2_K);
        for (GgmlType type : types) {
            byte[] model = Files.readAllBytes(model(Scratch.path("model.gguf"), type));
            for (int choice :
                    new int[] {type.ordinal() * 5 % FileType.values().length, 0x80 + type.ordinal() * 3 % 30}) {
                Files.write(
                        directory.resolve(type.name().toLowerCase(java.util.Locale.ROOT) + "-" + choice),
                        GgufBytes.concat(new byte[] {(byte) choice}, model));
            }
        }
        output(Scratch.path("output.gguf"));
        Files.write(
                directory.resolve("output"),
                GgufBytes.concat(new byte[] {4}, Files.readAllBytes(Scratch.path("output.gguf"))));
    }
}
