package io.github.expogguf.infer;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Models with another vocabulary. */
public final class OtherTokens {

    private OtherTokens() {}

    /** A model whose tokens have other texts, as {@code other.gguf}. */
    public static Path write(Path model, Path directory, UnaryOperator<List<String>> texts) throws IOException {
        int count;
        try (GgufModel file = GgufModel.open(model)) {
            count = file.header()
                    .metadata()
                    .get("tokenizer.ggml.tokens")
                    .orElseThrow()
                    .asStrings()
                    .size();
        }
        return write(model, directory, IntStream.range(0, count).toArray(), texts);
    }

    /** The same with its tokens in another order. */
    static Path write(Path model, Path directory, int[] order, UnaryOperator<List<String>> texts) throws IOException {
        try (GgufModel file = GgufModel.open(model);
                Arena arena = Arena.ofConfined()) {
            Map<String, MetadataValue> values =
                    new LinkedHashMap<>(file.header().metadata().asMap());
            List<String> tokens = values.get("tokenizer.ggml.tokens").asStrings();
            values.put(
                    "tokenizer.ggml.tokens",
                    MetadataValue.ofStrings(texts.apply(new ArrayList<>(
                            Arrays.stream(order).mapToObj(tokens::get).toList()))));
            double[] types = values.get("tokenizer.ggml.token_type").asDoubles();
            values.put(
                    "tokenizer.ggml.token_type",
                    MetadataValue.ofInt32s(
                            Arrays.stream(order).map(i -> (int) types[i]).toArray()));
            List<TensorData> tensors = new ArrayList<>();
            for (TensorInfo tensor : file.header().tensors()) {
                MemorySegment bytes =
                        arena.allocate(tensor.type().rowBytes(tensor.shape().elementCount()));
                file.read(tensor, 0, bytes);
                if (tensor.name().equals("token_embd.weight") || tensor.name().equals("output.weight")) {
                    bytes = rows(bytes, order, arena);
                }
                tensors.add(new TensorData(
                        tensor.name(), tensor.type(), tensor.shape(), bytes.toArray(ValueLayout.JAVA_BYTE)));
            }
            return GgufWriter.writeFile(directory.resolve("other.gguf"), new Metadata(values), tensors);
        }
    }

    private static MemorySegment rows(MemorySegment bytes, int[] order, Arena arena) {
        long rowBytes = bytes.byteSize() / order.length;
        MemorySegment result = arena.allocate(bytes.byteSize());
        for (int i = 0; i < order.length; i++) {
            MemorySegment.copy(bytes, rowBytes * order[i], result, rowBytes * i, rowBytes);
        }
        return result;
    }
}
