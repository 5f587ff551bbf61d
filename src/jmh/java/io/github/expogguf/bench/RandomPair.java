package io.github.expogguf.bench;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A pair of Llama-shaped F16 models with normally distributed weights and a small delta between them, of a given size.
 * The values decide nothing about the speed that the shapes and types do not; a benchmark needs the bulk, not the
 * meaning.
 */
final class RandomPair {

    private static final int EMBEDDING = 1024;
    private static final int FEED_FORWARD = 4096;
    private static final int VOCABULARY = 32_000;
    private static final int HEADS = 16;
    private static final int KEY_VALUE_HEADS = 8;
    private static final double WEIGHT_DEVIATION = 0.02;
    private static final double DELTA_DEVIATION = 0.0005;

    private final GgufLayout layout;

    /** @param parameters weights, about; layers are added until there are as many */
    RandomPair(long parameters) {
        this(parameters, false);
    }

    /** @param withTokens whether it can be asked */
    RandomPair(long parameters, boolean withTokens) {
        int layers = 1;
        while (layout(layers, withTokens).elements() < parameters) {
            layers++;
        }
        layout = layout(layers, withTokens).layout();
    }

    private record Sized(GgufLayout layout, long elements) {}

    private static Sized layout(int layers, boolean withTokens) {
        List<TensorSpec> tensors = new ArrayList<>();
        tensors.add(matrix("token_embd.weight", EMBEDDING, VOCABULARY));
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "blk." + layer + ".";
            int keyValueRows = EMBEDDING / HEADS * KEY_VALUE_HEADS;
            tensors.add(norm(prefix + "attn_norm.weight"));
            tensors.add(matrix(prefix + "attn_q.weight", EMBEDDING, EMBEDDING));
            tensors.add(matrix(prefix + "attn_k.weight", EMBEDDING, keyValueRows));
            tensors.add(matrix(prefix + "attn_v.weight", EMBEDDING, keyValueRows));
            tensors.add(matrix(prefix + "attn_output.weight", EMBEDDING, EMBEDDING));
            tensors.add(norm(prefix + "ffn_norm.weight"));
            tensors.add(matrix(prefix + "ffn_gate.weight", EMBEDDING, FEED_FORWARD));
            tensors.add(matrix(prefix + "ffn_up.weight", EMBEDDING, FEED_FORWARD));
            tensors.add(matrix(prefix + "ffn_down.weight", FEED_FORWARD, EMBEDDING));
        }
        tensors.add(norm("output_norm.weight"));
        long elements = tensors.stream()
                .mapToLong(tensor -> tensor.shape().elementCount())
                .sum();
        return new Sized(GgufLayout.of(metadata(layers, withTokens), tensors), elements);
    }

    private static TensorSpec matrix(String name, int rowLength, int rows) {
        return new TensorSpec(name, GgmlType.F16, new Shape(rowLength, rows));
    }

    private static TensorSpec norm(String name) {
        return new TensorSpec(name, GgmlType.F32, new Shape(EMBEDDING));
    }

    private static Metadata metadata(int layers, boolean withTokens) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString("llama"));
        values.put("general.name", MetadataValue.ofString("random"));
        values.put("general.file_type", MetadataValue.ofUint32(1));
        values.put("llama.block_count", MetadataValue.ofUint32(layers));
        values.put("llama.context_length", MetadataValue.ofUint32(2048));
        values.put("llama.embedding_length", MetadataValue.ofUint32(EMBEDDING));
        values.put("llama.feed_forward_length", MetadataValue.ofUint32(FEED_FORWARD));
        values.put("llama.attention.head_count", MetadataValue.ofUint32(HEADS));
        values.put("llama.attention.head_count_kv", MetadataValue.ofUint32(KEY_VALUE_HEADS));
        values.put("llama.attention.layer_norm_rms_epsilon", MetadataValue.ofFloat32(1e-5f));
        values.put("llama.rope.dimension_count", MetadataValue.ofUint32(EMBEDDING / HEADS));
        if (withTokens) {
            addTokens(values);
        }
        return new Metadata(values);
    }

    /** Three special tokens, the bytes, and words. */
    private static void addTokens(Map<String, MetadataValue> values) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        IntStream.range(0, 256).forEach(value -> tokens.add(String.format("<0x%02X>", value)));
        IntStream.range(tokens.size(), VOCABULARY).forEach(i -> tokens.add("\u2581word" + i));
        int[] types = IntStream.range(0, VOCABULARY)
                .map(i -> i == 0 ? 2 : i < 3 ? 3 : i < 3 + 256 ? 6 : 1) // unknown, control, byte, normal
                .toArray();
        values.put("tokenizer.ggml.model", MetadataValue.ofString("llama"));
        values.put("tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens));
        values.put("tokenizer.ggml.scores", MetadataValue.ofFloat32s(new float[VOCABULARY]));
        values.put("tokenizer.ggml.token_type", MetadataValue.ofInt32s(types));
    }

    long elementCount() {
        return layout.tensors().stream()
                .mapToLong(tensor -> tensor.shape().elementCount())
                .sum();
    }

    long fileBytes() {
        return layout.fileBytes();
    }

    /** Writes both files. */
    void write(Path sft, Path aligned) throws IOException {
        write(sft, 0);
        write(aligned, DELTA_DEVIATION);
    }

    /** Writes one of them. */
    void write(Path sft) throws IOException {
        write(sft, 0);
    }

    private void write(Path path, double deltaDeviation) throws IOException {
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, layout.header(Arena.ofAuto()).asByteBuffer(), 0);
            IntStream.range(0, layout.tensors().size()).parallel().forEach(index -> {
                try {
                    writeFully(channel, values(index, deltaDeviation), layout.fileOffset(index));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            channel.force(true); // or the disk would be busy with it during the measurement
        }
    }

    private ByteBuffer values(int index, double deltaDeviation) {
        TensorInfo tensor = layout.tensors().get(index);
        SplittableRandom weights = new SplittableRandom(index);
        SplittableRandom deltas = new SplittableRandom(-index - 1);
        int bytes = Math.toIntExact(tensor.byteCount() + layout.paddingBytes(index));
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < tensor.shape().elementCount(); i++) {
            double value = WEIGHT_DEVIATION * weights.nextGaussian();
            if (deltaDeviation > 0) {
                value += deltaDeviation * deltas.nextGaussian();
            }
            if (tensor.type() == GgmlType.F16) {
                buffer.putShort(Float.floatToFloat16((float) value));
            } else {
                buffer.putFloat((float) (1 + value));
            }
        }
        return buffer.rewind();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, offset + bytes.position());
        }
    }
}
