package io.github.expogguf.testing;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Small models of several architectures, complete enough for llama.cpp to quantize; {@link #llama} and {@link #qwen2}
 * also load and generate. Every tensor is F32 until {@link TinyModel#withMatrices} changes it.
 */
public final class TinyModels {

    /** Tokens of every model: three special ones, 256 bytes, and some more. */
    public static final int VOCABULARY = 320;

    private static final int CONTEXT = 256;
    private static final int RELATIVE_BUCKETS = 32;

    private TinyModels() {}

    /**
     * Sizes of a model.
     *
     * @param layers        blocks
     * @param embedding     row length of most matrices, a multiple of the heads
     * @param feedForward   row length of the down projections
     * @param heads         attention heads
     * @param keyValueHeads key/value heads, a divisor of the heads
     * @param experts       experts of each layer; 0 for a dense model
     * @param tied          whether the token embeddings serve as output
     */
    public record Sizes(
            int layers, int embedding, int feedForward, int heads, int keyValueHeads, int experts, boolean tied) {

        /** A dense model with an output of its own. */
        public static Sizes of(int layers, int embedding, int feedForward, int heads, int keyValueHeads) {
            return new Sizes(layers, embedding, feedForward, heads, keyValueHeads, 0, false);
        }

        /** With experts. */
        public Sizes withExperts(int count) {
            return new Sizes(layers, embedding, feedForward, heads, keyValueHeads, count, tied);
        }

        /** Without an output of its own. */
        public Sizes withTiedEmbeddings() {
            return new Sizes(layers, embedding, feedForward, heads, keyValueHeads, experts, true);
        }

        int keyValueLength() {
            return embedding / heads * keyValueHeads;
        }
    }

    /** Llama, or Mixtral where there are experts. */
    public static TinyModel llama(Sizes sizes) {
        return transformer("llama", sizes, false).build();
    }

    /** Qwen2: biases beside the attention matrices. */
    public static TinyModel qwen2(Sizes sizes) {
        return transformer("qwen2", sizes, true).build();
    }

    /** Qwen3: like Llama, with norms of queries and keys and a head length of its own. */
    public static TinyModel qwen3(Sizes sizes, int headLength) {
        Assembly model = common("qwen3", sizes)
                .set("attention.key_length", headLength)
                .set("attention.value_length", headLength);
        for (int layer = 0; layer < sizes.layers; layer++) {
            model.vector(layer, "attn_norm", sizes.embedding)
                    .vector(layer, "attn_q_norm", headLength)
                    .vector(layer, "attn_k_norm", headLength)
                    .matrix(layer, "attn_q", sizes.embedding, headLength * sizes.heads)
                    .matrix(layer, "attn_k", sizes.embedding, headLength * sizes.keyValueHeads)
                    .matrix(layer, "attn_v", sizes.embedding, headLength * sizes.keyValueHeads)
                    .matrix(layer, "attn_output", headLength * sizes.heads, sizes.embedding);
            feedForward(model, layer, sizes);
        }
        return model.build();
    }

    /**
     * Qwen3.5 with attention in every block, which llama.cpp runs, and blocks for multi-token prediction at the end.
     *
     * @param sizes     its layers are those of the trunk
     * @param predicted blocks for multi-token prediction
     */
    public static TinyModel qwen35(Sizes sizes, int predicted) {
        long headLength = sizes.embedding / sizes.heads;
        Assembly model = common("qwen35", sizes)
                .set("block_count", sizes.layers + predicted)
                .set("nextn_predict_layers", predicted)
                .set("attention.key_length", headLength)
                .set("attention.value_length", headLength)
                .set("full_attention_interval", 1)
                .set("ssm.conv_kernel", 4)
                .set("ssm.inner_size", sizes.embedding)
                .set("ssm.state_size", headLength)
                .set("ssm.time_step_rank", sizes.heads)
                .set("ssm.group_count", sizes.keyValueHeads);
        int rotated = (int) headLength / 4;
        model.values.put("qwen35.rope.dimension_sections", MetadataValue.ofInt32s(rotated, rotated, rotated, 0));
        for (int layer = 0; layer < sizes.layers + predicted; layer++) {
            model.vector(layer, "attn_norm", sizes.embedding)
                    .vector(layer, "post_attention_norm", sizes.embedding)
                    .vector(layer, "attn_q_norm", headLength)
                    .vector(layer, "attn_k_norm", headLength)
                    .matrix(layer, "attn_q", sizes.embedding, 2L * sizes.embedding) // with a gate
                    .matrix(layer, "attn_k", sizes.embedding, sizes.keyValueLength())
                    .matrix(layer, "attn_v", sizes.embedding, sizes.keyValueLength())
                    .matrix(layer, "attn_output", sizes.embedding, sizes.embedding)
                    .matrix(layer, "ffn_gate", sizes.embedding, sizes.feedForward)
                    .matrix(layer, "ffn_up", sizes.embedding, sizes.feedForward)
                    .matrix(layer, "ffn_down", sizes.feedForward, sizes.embedding);
            if (layer >= sizes.layers) {
                model.matrix(layer, "nextn.eh_proj", 2L * sizes.embedding, sizes.embedding)
                        .vector(layer, "nextn.enorm", sizes.embedding)
                        .vector(layer, "nextn.hnorm", sizes.embedding)
                        .vector(layer, "nextn.shared_head_norm", sizes.embedding);
            }
        }
        return model.build();
    }

    /** Falcon: one matrix for queries, keys and values, no gate. */
    public static TinyModel falcon(Sizes sizes) {
        return fused("falcon", sizes).build();
    }

    /** GPT-2: like Falcon, with learnt positions. */
    public static TinyModel gpt2(Sizes sizes) {
        return fused("gpt2", sizes)
                .tensor("position_embd.weight", sizes.embedding, CONTEXT)
                .build();
    }

    /** BERT: an encoder with positions and token types. */
    public static TinyModel bert(Sizes sizes) {
        Assembly model = transformer("bert", sizes, true);
        return model.set("attention.layer_norm_epsilon", 1e-5f)
                .tensor("position_embd.weight", sizes.embedding, CONTEXT)
                .tensor("token_types.weight", sizes.embedding, 2)
                .build();
    }

    /** T5: an encoder and a decoder that looks at it, both with relative positions in their first blocks. */
    public static TinyModel t5(Sizes sizes) {
        Assembly model = new Assembly("t5")
                .set("context_length", CONTEXT)
                .set("embedding_length", sizes.embedding)
                .set("feed_forward_length", sizes.feedForward)
                .set("block_count", sizes.layers)
                .set("attention.head_count", sizes.heads)
                .set("attention.key_length", sizes.embedding / sizes.heads)
                .set("attention.value_length", sizes.embedding / sizes.heads)
                .set("attention.layer_norm_epsilon", 1e-6f)
                .set("attention.layer_norm_rms_epsilon", 1e-6f)
                .set("attention.relative_buckets_count", RELATIVE_BUCKETS)
                .set("decoder_start_token_id", 0)
                .tokenizer()
                .tensor("token_embd.weight", sizes.embedding, VOCABULARY)
                .tensor("output.weight", sizes.embedding, VOCABULARY);
        for (String side : List.of("enc", "dec")) {
            model.tensor(side + ".output_norm.weight", sizes.embedding);
            for (int layer = 0; layer < sizes.layers; layer++) {
                String block = side + ".blk." + layer + ".";
                if (layer == 0) {
                    model.tensor(block + "attn_rel_b.weight", sizes.heads, RELATIVE_BUCKETS);
                }
                attention(model, block + "attn_", sizes);
                if (side.equals("dec")) {
                    attention(model, block + "cross_attn_", sizes);
                }
                model.tensor(block + "ffn_norm.weight", sizes.embedding)
                        .tensor(block + "ffn_gate.weight", sizes.embedding, sizes.feedForward)
                        .tensor(block + "ffn_up.weight", sizes.embedding, sizes.feedForward)
                        .tensor(block + "ffn_down.weight", sizes.feedForward, sizes.embedding);
            }
        }
        return model.build();
    }

    private static void attention(Assembly model, String start, Sizes sizes) {
        model.tensor(start + "norm.weight", sizes.embedding);
        for (String matrix : List.of("q", "k", "v", "o")) {
            model.tensor(start + matrix + ".weight", sizes.embedding, sizes.embedding);
        }
    }

    /** Mamba: no attention at all. */
    public static TinyModel mamba(Sizes sizes) {
        Assembly model = new Assembly("mamba")
                .set("context_length", CONTEXT)
                .set("embedding_length", sizes.embedding)
                .set("feed_forward_length", 0)
                .set("attention.head_count", 0)
                .set("block_count", sizes.layers)
                .set("ssm.conv_kernel", 4)
                .set("ssm.inner_size", 2 * sizes.embedding)
                .set("ssm.state_size", 16)
                .set("ssm.time_step_rank", sizes.embedding / 16)
                .set("attention.layer_norm_rms_epsilon", 1e-5f)
                .tokenizer()
                .embeddings(sizes);
        for (int layer = 0; layer < sizes.layers; layer++) {
            model.vector(layer, "attn_norm", sizes.embedding)
                    .matrix(layer, "ssm_in", sizes.embedding, 4 * sizes.embedding)
                    .matrix(layer, "ssm_conv1d", 4, 2 * sizes.embedding)
                    .matrix(layer, "ssm_x", 2 * sizes.embedding, sizes.embedding / 16 + 32)
                    .matrix(layer, "ssm_dt", sizes.embedding / 16, 2 * sizes.embedding)
                    .tensor("blk." + layer + ".ssm_a", 16, 2 * sizes.embedding)
                    .matrix(layer, "ssm_out", 2 * sizes.embedding, sizes.embedding);
        }
        return model.build();
    }

    private static Assembly transformer(String architecture, Sizes sizes, boolean biases) {
        Assembly model = common(architecture, sizes);
        for (int layer = 0; layer < sizes.layers; layer++) {
            model.vector(layer, "attn_norm", sizes.embedding)
                    .matrix(layer, "attn_q", sizes.embedding, sizes.embedding)
                    .matrix(layer, "attn_k", sizes.embedding, sizes.keyValueLength())
                    .matrix(layer, "attn_v", sizes.embedding, sizes.keyValueLength())
                    .matrix(layer, "attn_output", sizes.embedding, sizes.embedding);
            if (biases) {
                model.tensor("blk." + layer + ".attn_q.bias", sizes.embedding)
                        .tensor("blk." + layer + ".attn_k.bias", sizes.keyValueLength())
                        .tensor("blk." + layer + ".attn_v.bias", sizes.keyValueLength());
            }
            feedForward(model, layer, sizes);
        }
        return model;
    }

    private static void feedForward(Assembly model, int layer, Sizes sizes) {
        model.vector(layer, "ffn_norm", sizes.embedding);
        if (sizes.experts == 0) {
            model.matrix(layer, "ffn_gate", sizes.embedding, sizes.feedForward)
                    .matrix(layer, "ffn_up", sizes.embedding, sizes.feedForward)
                    .matrix(layer, "ffn_down", sizes.feedForward, sizes.embedding);
        } else {
            model.matrix(layer, "ffn_gate_inp", sizes.embedding, sizes.experts)
                    .matrix(layer, "ffn_gate_exps", sizes.embedding, sizes.feedForward, sizes.experts)
                    .matrix(layer, "ffn_up_exps", sizes.embedding, sizes.feedForward, sizes.experts)
                    .matrix(layer, "ffn_down_exps", sizes.feedForward, sizes.embedding, sizes.experts);
        }
    }

    private static Assembly fused(String architecture, Sizes sizes) {
        Assembly model = common(architecture, sizes).set("attention.layer_norm_epsilon", 1e-5f);
        for (int layer = 0; layer < sizes.layers; layer++) {
            model.vector(layer, "attn_norm", sizes.embedding)
                    .matrix(layer, "attn_qkv", sizes.embedding, sizes.embedding + 2L * sizes.keyValueLength())
                    .matrix(layer, "attn_output", sizes.embedding, sizes.embedding)
                    .matrix(layer, "ffn_up", sizes.embedding, sizes.feedForward)
                    .matrix(layer, "ffn_down", sizes.feedForward, sizes.embedding);
        }
        return model;
    }

    private static Assembly common(String architecture, Sizes sizes) {
        Assembly model = new Assembly(architecture)
                .set("context_length", CONTEXT)
                .set("embedding_length", sizes.embedding)
                .set("block_count", sizes.layers)
                .set("feed_forward_length", sizes.feedForward)
                .set("attention.head_count", sizes.heads)
                .set("attention.head_count_kv", sizes.keyValueHeads)
                .set("attention.layer_norm_rms_epsilon", 1e-5f);
        if (sizes.experts > 0) {
            model.set("expert_count", sizes.experts).set("expert_used_count", 2);
        }
        return model.tokenizer().embeddings(sizes);
    }

    /** Collects keys and tensors. */
    private static final class Assembly {
        private final String architecture;
        private final Map<String, MetadataValue> values = new LinkedHashMap<>();
        private final List<TensorSpec> tensors = new ArrayList<>();

        Assembly(String architecture) {
            this.architecture = architecture;
            values.put("general.architecture", MetadataValue.ofString(architecture));
            values.put("general.type", MetadataValue.ofString("model"));
            values.put("general.name", MetadataValue.ofString("Tiny " + architecture));
            values.put("general.file_type", MetadataValue.ofUint32(0));
        }

        Assembly set(String name, long value) {
            values.put(architecture + "." + name, MetadataValue.ofUint32(value));
            return this;
        }

        Assembly set(String name, float value) {
            values.put(architecture + "." + name, MetadataValue.ofFloat32(value));
            return this;
        }

        Assembly tensor(String name, long... dimensions) {
            tensors.add(new TensorSpec(name, GgmlType.F32, new Shape(dimensions)));
            return this;
        }

        Assembly matrix(int layer, String name, long... dimensions) {
            return tensor("blk." + layer + "." + name + ".weight", dimensions);
        }

        Assembly vector(int layer, String name, long length) {
            return matrix(layer, name, length);
        }

        Assembly embeddings(Sizes sizes) {
            tensor("token_embd.weight", sizes.embedding, VOCABULARY);
            tensor("output_norm.weight", sizes.embedding);
            return sizes.tied ? this : tensor("output.weight", sizes.embedding, VOCABULARY);
        }

        /** A SentencePiece vocabulary that can spell every text in bytes. */
        Assembly tokenizer() {
            List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
            for (int value = 0; value < 256; value++) {
                tokens.add("<0x%02X>".formatted(value));
            }
            tokens.add("\u2581"); // the space of SentencePiece
            for (int index = tokens.size(); index < VOCABULARY; index++) {
                tokens.add("token" + index);
            }
            int[] types = new int[VOCABULARY];
            float[] scores = new float[VOCABULARY];
            for (int index = 0; index < VOCABULARY; index++) {
                types[index] = index == 0 ? 2 : index < 3 ? 3 : index < 259 ? 6 : 1; // unknown, control, byte, normal
                scores[index] = -index;
            }
            values.put("tokenizer.ggml.model", MetadataValue.ofString("llama"));
            values.put("tokenizer.ggml.tokens", MetadataValue.ofStrings(tokens));
            values.put("tokenizer.ggml.scores", MetadataValue.ofFloat32s(scores));
            values.put("tokenizer.ggml.token_type", MetadataValue.ofInt32s(types));
            values.put("tokenizer.ggml.bos_token_id", MetadataValue.ofUint32(1));
            values.put("tokenizer.ggml.eos_token_id", MetadataValue.ofUint32(2));
            values.put("tokenizer.ggml.unknown_token_id", MetadataValue.ofUint32(0));
            return this;
        }

        TinyModel build() {
            return new TinyModel(new Metadata(values), tensors);
        }
    }
}
