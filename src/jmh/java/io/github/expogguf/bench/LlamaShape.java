package io.github.expogguf.bench;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The tensors and the metadata of a Llama model in F16, without an output matrix of its own. */
record LlamaShape(int layers, int embedding, int feedForward, int heads, int keyValueHeads, int vocabulary) {

    LlamaShape withLayers(int number) {
        return new LlamaShape(number, embedding, feedForward, heads, keyValueHeads, vocabulary);
    }

    long elementCount() {
        return tensors().stream()
                .mapToLong(tensor -> tensor.shape().elementCount())
                .sum();
    }

    List<TensorSpec> tensors() {
        List<TensorSpec> tensors = new ArrayList<>();
        tensors.add(matrix("token_embd.weight", embedding, vocabulary));
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "blk." + layer + ".";
            int keyValueRows = embedding / heads * keyValueHeads;
            tensors.add(norm(prefix + "attn_norm.weight"));
            tensors.add(matrix(prefix + "attn_q.weight", embedding, embedding));
            tensors.add(matrix(prefix + "attn_k.weight", embedding, keyValueRows));
            tensors.add(matrix(prefix + "attn_v.weight", embedding, keyValueRows));
            tensors.add(matrix(prefix + "attn_output.weight", embedding, embedding));
            tensors.add(norm(prefix + "ffn_norm.weight"));
            tensors.add(matrix(prefix + "ffn_gate.weight", embedding, feedForward));
            tensors.add(matrix(prefix + "ffn_up.weight", embedding, feedForward));
            tensors.add(matrix(prefix + "ffn_down.weight", feedForward, embedding));
        }
        tensors.add(norm("output_norm.weight"));
        return tensors;
    }

    static TensorSpec matrix(String name, int rowLength, int rows) {
        return new TensorSpec(name, GgmlType.F16, new Shape(rowLength, rows));
    }

    private TensorSpec norm(String name) {
        return new TensorSpec(name, GgmlType.F32, new Shape(embedding));
    }

    /** @param withTokens whether it can be asked */
    Metadata metadata(boolean withTokens) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString("llama"));
        values.put("general.name", MetadataValue.ofString("random"));
        values.put("general.file_type", MetadataValue.ofUint32(1));
        values.put("llama.block_count", MetadataValue.ofUint32(layers));
        values.put("llama.context_length", MetadataValue.ofUint32(2048));
        values.put("llama.embedding_length", MetadataValue.ofUint32(embedding));
        values.put("llama.feed_forward_length", MetadataValue.ofUint32(feedForward));
        values.put("llama.attention.head_count", MetadataValue.ofUint32(heads));
        values.put("llama.attention.head_count_kv", MetadataValue.ofUint32(keyValueHeads));
        values.put("llama.attention.layer_norm_rms_epsilon", MetadataValue.ofFloat32(1e-5f));
        values.put("llama.rope.dimension_count", MetadataValue.ofUint32(embedding / heads));
        if (withTokens) {
            addTokens(values);
        }
        return new Metadata(values);
    }

    /** Three special tokens, the bytes, and words. */
    private void addTokens(Map<String, MetadataValue> values) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        IntStream.range(0, 256).forEach(value -> tokens.add(String.format("<0x%02X>", value)));
        IntStream.range(tokens.size(), vocabulary).forEach(i -> tokens.add("\u2581word" + i));
        int[] types = IntStream.range(0, vocabulary)
                .map(i -> i == 0 ? 2 : i < 3 ? 3 : i < 3 + 256 ? 6 : 1) // unknown, control, byte, normal
                .toArray();
        values.put("tokenizer.ggml.model", MetadataValue.ofString("llama"));
        values.put("tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens));
        values.put("tokenizer.ggml.scores", MetadataValue.ofFloat32s(new float[vocabulary]));
        values.put("tokenizer.ggml.token_type", MetadataValue.ofInt32s(types));
    }
}
