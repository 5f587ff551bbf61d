package io.github.expogguf.plan.mixture;

import io.github.expogguf.gguf.TensorNames;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a tensor does, told from its name ({@code tensor_get_category} in llama-quant.cpp, llama.cpp v0.5.0). The first
 * constant whose part occurs in the name wins.
 */
public enum TensorCategory {
    OUTPUT(null),
    TOKEN_EMBEDDING(null),
    ATTENTION_QKV("attn_qkv.weight"),
    ATTENTION_KV_B("attn_kv_b.weight"),
    ATTENTION_V("attn_v.weight"),
    ATTENTION_K("attn_k.weight"),
    ATTENTION_Q("attn_q.weight"),
    ATTENTION_OUTPUT("attn_output.weight"),
    FFN_UP("ffn_up"),
    FFN_GATE("ffn_gate"),
    FFN_DOWN("ffn_down"),
    OTHER("");

    private static final Set<String> EMBEDDINGS = Set.of(TensorNames.EMBEDDING, TensorNames.LAYER_EMBEDDING);

    private final @Nullable String part; // null for those that are known by their whole name

    TensorCategory(@Nullable String part) {
        this.part = part;
    }

    public static TensorCategory of(String tensor) {
        if (tensor.equals(TensorNames.OUTPUT)) {
            return OUTPUT;
        }
        if (EMBEDDINGS.contains(tensor)) {
            return TOKEN_EMBEDDING;
        }
        for (TensorCategory category : values()) {
            if (category.part != null && tensor.contains(category.part)) {
                return category;
            }
        }
        throw new AssertionError("OTHER matches every name");
    }

    /** Attention values, alone or fused with others: what quantization hurts most. */
    boolean holdsAttentionValues() {
        return this == ATTENTION_V || this == ATTENTION_QKV || this == ATTENTION_KV_B;
    }

    boolean isFeedForward() {
        return this == FFN_UP || this == FFN_GATE || this == FFN_DOWN;
    }
}
